/* oxlint-disable eslint/no-unmodified-loop-condition, typescript/unbound-method -- the cases do what apps do, and what apps should not do */
import type { DefineCases } from "../case-tools.ts";

// Where a watched page does differ, as docs/reference/client.md says under "What it promises the app".
export function documentedCases(defineCases: DefineCases): void {
  defineCases("documented", {
    "the text of a function, without its name": ({ log }) => {
      const text = (value: unknown): string =>
        Function.prototype.toString.call(value).replaceAll(/\s+/g, " ");
      const { prototype } = RTCPeerConnection;
      log(text(RTCPeerConnection), text(prototype.createAnswer), text(prototype.close));
      log(text(navigator.mediaDevices.getUserMedia));
    },
    "microtasks until a settled promise is heard": async ({ log, pc }) => {
      for (const outcome of ["fulfilled", "rejected"]) {
        let microtasks = 0;
        let isHeard = false;
        const hear = (): void => {
          isHeard = true;
        };
        pc()
          .createOffer({ iceRestart: outcome === "fulfilled" })
          .then(hear, hear);
        for (; !isHeard; microtasks += 1) await Promise.resolve();
        log(outcome, microtasks);
      }
    },
    "how often a member of an argument is read": ({ log, pc }) => {
      let reads = 0;
      pc().createDataChannel("label", {
        get ordered() {
          reads += 1;
          return true;
        },
      });
      log(reads);
    },
  });
}
