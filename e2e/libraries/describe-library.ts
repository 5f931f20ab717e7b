import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Browser } from "playwright-core";
import { launchChromium } from "../support/browser.ts";
import { expectRecorded, expectUnchanged, type Expected } from "./expect-recorded.ts";
import { openFarEnd, type FarEnd } from "./far-end.ts";
import { openLibraryLab, type LibraryLab, type LibraryRun, type StandIn } from "./library-lab.ts";

export interface LibraryTest extends Expected {
  /** Makes what stands in for the server of the library, where it needs one. */
  readonly standIn?: (farEnd: FarEnd) => StandIn;
  /** What the library must have told in each call, so that a page in which nothing happens does not pass. */
  readonly tells: readonly string[];
  /** Kinds of the tracks it must have got in each call. */
  readonly receives: readonly string[];
  /** What else has to hold for a recorded run. */
  readonly also?: (run: LibraryRun) => void;
}

/** One library against itself without the SDK, with both orders of loading. */
export function describeLibrary(library: string, test: LibraryTest): void {
  describe(library, () => {
    let browser: Browser;
    let farEnd: FarEnd;
    let lab: LibraryLab;
    beforeAll(async () => {
      browser = await launchChromium({
        args: [
          // Host candidates as they are: the far end is another page, and no one answers mDNS here.
          "--disable-features=WebRtcHideLocalIpsWithMdns",
          // Four of the libraries ask public STUN servers unless told otherwise: not from a test.
          "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1",
        ],
      });
      farEnd = await openFarEnd(browser);
      lab = await openLibraryLab(browser, library, test.standIn?.(farEnd));
    });
    afterAll(async () => {
      await browser?.close();
      await lab?.close();
    });

    it("calls as without the SDK, and every connection of it is recorded", async () => {
      const [without, ...runs] = await Promise.all([
        lab.run("without", test.connectionsPerCall),
        lab.run("sdk-first", test.connectionsPerCall),
        lab.run("library-first", test.connectionsPerCall),
      ]);
      for (const told of without.told) expect(told).toEqual(test.tells.toSorted());
      for (const kinds of without.remoteKinds) expect(kinds).toEqual(test.receives.toSorted());
      for (const run of runs) {
        expectUnchanged(run, without);
        expectRecorded(run, test);
        test.also?.(run);
      }
    }, 40_000);
  });
}
