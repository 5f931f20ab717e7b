import { captureNames, readCapture } from "@peerscope/scenarios";
import { describe, expect, test } from "vitest";
import { toCallMember } from "./call-member.ts";
import { analyseCall } from "./call-observer.ts";
import { createSessionObserver } from "./session-observer.ts";

describe("what a call needs of its sessions", () => {
  test.each(captureNames)("%s: the call says the same of it as of the whole analyses", (name) => {
    const whole = readCapture(name).sessions.map(({ peer, records }) => {
      const observer = createSessionObserver({ sessionId: `${name}-${peer}`, peer });
      for (const record of records) observer.push(record);
      return observer.finish();
    });
    const members = whole.map(toCallMember);
    expect(analyseCall(members)).toEqual(analyseCall(whole));
    const size = (value: unknown): number => JSON.stringify(value).length;
    expect(size(members)).toBeLessThan(size(whole));
  });
});
