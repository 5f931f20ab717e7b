// The bundle that simple-peer ships: its source needs Node's modules, which bundlers for pages do not have.
import Peer from "simple-peer/simplepeer.min.js";

export type { Peer };

/** Both ends of a call, in one page. */
export interface CallWithYourself {
  readonly caller: Peer;
  readonly callee: Peer;
  readonly hangUp: () => void;
}

/** Calls from this page to this page. In an app the two ends are two pages, and your server carries the messages. */
export function callYourself(stream: MediaStream): CallWithYourself {
  const caller = new Peer({ initiator: true, stream });
  const callee = new Peer({ stream });
  caller.on("signal", (message) => callee.signal(message));
  callee.on("signal", (message) => caller.signal(message));
  return { caller, callee, hangUp: () => caller.destroy() };
}
