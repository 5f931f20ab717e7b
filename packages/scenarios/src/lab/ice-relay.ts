import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { isIPv4 } from "node:net";
import type { Random } from "../random.ts";
import { createAccessLinks, type AccessLinks } from "./access-links.ts";

/**
 * Stands between the participants of a call, in user space: every participant sees every other one at an address of
 * the relay only, because candidates are rewritten in signalling. A packet passes the sender's uplink, then the
 * receiver's downlink. Needs no rights: a socket is bound beside the browser's own, at the same local address.
 */
export interface IceRelay extends Pick<AccessLinks, "impair" | "clear" | "counters"> {
  /** A candidate line of `from` as `to` must see it; null when it must not be passed on. */
  rewriteCandidate(from: string, to: string, line: string): Promise<string | null>;
  /** A description of `from` as `to` must see it. */
  rewriteDescription(from: string, to: string, sdp: string): Promise<string>;
  close(): void;
}

/** Kernel buffer of a relay socket: a burst of key frames must not be lost before it reaches a link. */
const receiveBufferBytes = 1 << 20;

export function createIceRelay(random: Random): IceRelay {
  const links = createAccessLinks(random);
  const sockets = new Map<string, Promise<Socket>>();
  let closed = false;

  /** The socket at which `viewer` reaches `owner`'s address. */
  const socketFor = (owner: string, viewer: string, address: string, port: number): Promise<Socket> => {
    const key = `${owner} ${viewer} ${address} ${port}`;
    const known = sockets.get(key);
    if (known !== undefined) return known;
    const opening = openSocket(address, (message, source) => {
      void forward(message, viewer, owner, source, { address, port });
    });
    sockets.set(key, opening);
    return opening;
  };

  const forward = async (
    message: Buffer,
    from: string,
    to: string,
    source: RemoteInfo,
    target: { readonly address: string; readonly port: number },
  ): Promise<void> => {
    // The receiver sees the sender's packets come from the same address that it would send to.
    const exit = await socketFor(from, to, source.address, source.port);
    links.pass(from, "up", message.byteLength, () => {
      links.pass(to, "down", message.byteLength, () => {
        // A browser that has closed its socket is no error of the lab.
        if (!closed) exit.send(message, target.port, target.address, () => undefined);
      });
    });
  };

  const rewriteCandidate = async (from: string, to: string, line: string): Promise<string | null> => {
    const prefix = line.startsWith("a=") ? "a=" : "";
    // RFC 8839 section 5.1: foundation component transport priority address port "typ" type …
    const fields = line.slice(prefix.length).split(" ");
    const [foundation, component, transport = "", priority, address = "", port, ...rest] = fields;
    // IPv6 and mDNS names would be ways around the relay, TCP cannot pass it.
    if (transport.toLowerCase() !== "udp" || !isIPv4(address)) return null;
    const bound = (await socketFor(from, to, address, Number(port))).address();
    const related = rest.indexOf("raddr");
    if (related !== -1) rest.splice(related, 4, "raddr", "0.0.0.0", "rport", "0");
    return (
      prefix + [foundation, component, transport, priority, bound.address, bound.port, ...rest].join(" ")
    );
  };

  return {
    impair: links.impair,
    clear: links.clear,
    counters: links.counters,
    rewriteCandidate,
    async rewriteDescription(from, to, sdp) {
      const lines: string[] = [];
      for (const line of sdp.split("\r\n")) {
        const rewritten = line.startsWith("a=candidate:") ? await rewriteCandidate(from, to, line) : line;
        if (rewritten !== null) lines.push(rewritten);
      }
      return lines.join("\r\n");
    },
    close() {
      closed = true;
      links.close();
      for (const opening of sockets.values()) void opening.then((socket) => socket.close());
      sockets.clear();
    },
  };
}

/** A socket on a free port of a local address. */
export async function openSocket(
  address: string,
  onMessage: (message: Buffer, source: RemoteInfo) => void,
): Promise<Socket> {
  const socket = createSocket({ type: "udp4", recvBufferSize: receiveBufferBytes });
  socket.on("message", onMessage);
  socket.bind(0, address);
  await once(socket, "listening");
  return socket;
}
