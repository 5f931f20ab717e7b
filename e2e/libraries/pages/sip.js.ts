import { register } from "../../../examples/sip.js/call.ts";
import type { MakeCall } from "../library-page.ts";
import { deferred } from "./deferred.ts";

const makeCall: MakeCall = async ({ server, told }) => {
  const run = crypto.randomUUID();
  const delegate = (side: string, answered: () => void, hungUp: () => void) => ({
    onRegistered: () => told(`${side} registered`),
    onCallCreated: () => told(`${side} created`),
    onCallReceived: () => told(`${side} received`),
    onCallAnswered() {
      told(`${side} answered`);
      answered();
    },
    onCallHangup() {
      told(`${side} hangup`);
      hungUp();
    },
  });
  const answered = [deferred(), deferred()] as const;
  const hungUp = [deferred(), deferred()] as const;
  const lee = await register(
    { server, address: `sip:lee-${run}@example.invalid` },
    delegate("callee", answered[0].resolve, hungUp[0].resolve),
  );
  const kim = await register(
    { server, address: `sip:kim-${run}@example.invalid` },
    delegate("caller", answered[1].resolve, hungUp[1].resolve),
  );
  await kim.call(`sip:lee-${run}@example.invalid`);
  await Promise.all(answered.map(({ promise }) => promise));
  return {
    localTracks: [kim, lee].flatMap((user) => user.localMediaStream?.getTracks() ?? []),
    remoteTracks: [kim, lee].flatMap((user) => user.remoteMediaStream?.getTracks() ?? []),
    async hangUp() {
      await kim.hangup();
      await Promise.all(hungUp.map(({ promise }) => promise));
      await Promise.all([kim.disconnect(), lee.disconnect()]);
    },
  };
};
globalThis.makeCall = makeCall;
