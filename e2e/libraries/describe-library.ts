import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Browser } from "playwright-core";
import { openSdkLab, type SdkLab } from "../client/sdk-lab.ts";
import { launchChromium } from "../support/browser.ts";
import { expectRecorded, expectUnchanged, type Expected } from "./expect-recorded.ts";
import { openFarEnd, type FarEnd } from "./far-end.ts";
import { openLibraryLab, type LibraryRun, type StandIn } from "./library-lab.ts";

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

let browser: Browser;
let farEnd: FarEnd;
let ingest: SdkLab;

beforeAll(async () => {
  [browser, ingest] = await Promise.all([
    launchChromium({
      args: [
        // Host candidates as they are: the far end is another page, and no one answers mDNS here.
        "--disable-features=WebRtcHideLocalIpsWithMdns",
        // Four of the libraries ask public STUN servers unless told otherwise: not from a test.
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1",
      ],
    }),
    openSdkLab(),
  ]);
  farEnd = await openFarEnd(browser);
});
afterAll(async () => {
  await browser?.close();
  await ingest?.close();
});

/** One library against itself without the SDK, with both orders of loading. */
export function describeLibrary(library: string, test: LibraryTest): void {
  describe(library, () => {
    it("calls as without the SDK, and every connection of it is recorded", async () => {
      const lab = await openLibraryLab(browser, ingest, library, test.standIn?.(farEnd));
      onTestFinished(() => lab.close());
      const orders = ["without", "sdk-first", "library-first"] as const;
      const runs = await Promise.all(orders.map((order) => lab.run(order, test.connectionsPerCall)));
      const [without, ...recorded] = runs;
      if (without === undefined) throw new Error("Nothing ran.");
      for (const told of without.told) expect(told).toEqual(test.tells.toSorted());
      for (const kinds of without.remoteKinds) expect(kinds).toEqual(test.receives.toSorted());
      for (const run of recorded) {
        expectUnchanged(run, without);
        expectRecorded(run, test);
        test.also?.(run);
      }
    }, 60_000);
  });
}
