import { expect, it } from "vitest";
import { ensureBuilt } from "../support/peerscope.ts";
import { measurePages } from "./measure-pages.ts";

// The budgets themselves are judged by `npm run bench -- dashboard` on a machine that does nothing else. A test shares
// its machine with others: it has a tenth of the data and generous multiples, and finds what became many times slower.
// Sizes do not depend on the machine and have their real budgets.
it("pages of large recordings are shown soon, move and fit into memory", { timeout: 300_000 }, async () => {
  ensureBuilt();
  const found = await measurePages({ sessions: 100_000, hours: 1, people: 40 });
  expect(found.firstViewScriptBytes).toBeLessThanOrEqual(200_000);
  expect(found.sessionMegabytes).toBeLessThan(400);
  expect(found.firstViewMs).toBeLessThan(6_000);
  expect(found.sessionFirstPictureMs).toBeLessThan(6_000);
  expect(found.callMs).toBeLessThan(8_000);
  expect(found.chartFrameMs).toBeLessThan(250);
});
