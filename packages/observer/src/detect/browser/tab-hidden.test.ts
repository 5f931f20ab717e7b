import { expect, test } from "vitest";
import { buildCall, type CallBuilder, ids } from "../../testing/call-builder.ts";
import { about } from "../../testing/ice-calls.ts";

const id = "tab-hidden";
const hidden = (): CallBuilder => buildCall().run(20).event("page-visibility-changed", { visible: false });

test.each<[string, () => CallBuilder, string[]]>([
  [
    "for 60 s",
    () => hidden().run(60).event("page-visibility-changed", { visible: true }).run(10),
    ["info 20..80 cleared"],
  ],
  ["for 4 s", () => hidden().run(4).event("page-visibility-changed", { visible: true }).run(10), []],
  ["to the end", () => hidden().run(60), ["info 20..80 session-end"]],
  [
    "another page goes on with the session, and it is visible",
    () =>
      hidden()
        .run(60)
        .event("session-ended", { reason: "pagehide" })
        .skip(5)
        .event("session-resumed", { pages: 2 })
        .run(30),
    ["info 20..85 cleared"],
  ],
])("%s", (_name, build, expected) => {
  const analysis = build().analyse();
  expect(about(analysis, id)).toEqual(expected);
  expect(ids(analysis)).not.toContain(id);
});
