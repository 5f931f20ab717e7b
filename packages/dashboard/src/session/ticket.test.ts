import type { Observation } from "@peerscope/schema";
import { describe, expect, test } from "vitest";
import { namedObservation } from "../words/causes.ts";
import type { CallSide } from "./call-side.ts";
import { exampleAnalysis, exampleVerdict } from "./testing/example-analysis.ts";
import { ticketText, type TicketParts } from "./ticket.ts";

const alone: CallSide = { told: null, microphones: [] };
const { start } = exampleAnalysis();
const lost: Observation = {
  ...namedObservation("uplink-loss"),
  severity: "major",
  startedAt: start + 10_000,
  clearedAt: start + 40_000,
  evidence: [
    {
      stat: "remote-inbound-rtp",
      field: "fractionLost",
      value: 14,
      unit: "%",
      from: start,
      to: start + 40_000,
    },
  ],
};
const hurt = exampleAnalysis({
  observations: [lost],
  verdict: {
    ...exampleVerdict,
    faultDomain: "publisher-uplink",
    confidence: 0.7,
    statedCause: "uplink-loss",
    for: [
      { text: "measured at the far end", weight: 0.5, observationId: "uplink-loss" },
      { text: "another stream suffered too", weight: 0.5 },
    ],
  },
});
const text = (parts: Partial<TicketParts> = {}): string =>
  ticketText({
    analysis: hurt,
    side: alone,
    issues: [],
    link: "https://example.org/sessions/session-1?at=31",
    zone: "utc",
    now: start + 86_400_000,
    ...parts,
  });

describe("a ticket", () => {
  test("has what, when, cause, confidence, evidence, advice and link", () => {
    const lines = text().split("\n");
    expect(lines[0]).toMatch(/Likely cause: this person's outgoing line/);
    expect(lines).toContain("Session: session-1, user kim, call stand-up");
    expect(lines).toContain("When: Fri 20 Nov 09:00:00 to 09:01:00 UTC, 1:00");
    expect(lines.find((line) => line.startsWith("Score: "))).toBe("Score: 92 of 100 (Good)");
    expect(lines.find((line) => line.startsWith("Cause: "))).toMatch(/lost on the way.*outgoing line/i);
    expect(lines).toContain("Confidence: likely");
    for (const title of ["Why:", "Evidence:", "Against:", "Missing:", "Noticed:"])
      expect(lines).toContain(title);
    expect(lines[lines.indexOf("Evidence:") + 1]).toMatch(/14 %/);
    expect(lines.find((line) => line.startsWith("What to tell them: "))).toMatch(/cable|Wi-Fi/);
    expect(lines.at(-1)).toBe("https://example.org/sessions/session-1?at=31");
  });

  test("tells what the user reported, and a microphone that was off by choice, with advice about it", () => {
    const microphone = {
      sessionId: "session-2",
      name: "anna",
      isChosen: true,
      spans: [{ from: start + 10_000, to: start + 25_000, reason: "switched-off" as const }],
    };
    const told = text({
      analysis: exampleAnalysis(),
      side: { told: null, microphones: [microphone] },
      issues: [{ key: 3, at: start + 31_000, code: "7C2-F9A", text: "cannot hear" }],
    });
    expect(told).toContain("  - 00:31 7C2-F9A: cannot hear");
    expect(told).toContain("anna's microphone was switched off from 00:10 to 00:25 (0:15)");
    expect(told).toMatch(/What to tell them: If somebody was not heard/);
    expect(told).not.toMatch(/nothing to do/i);
  });

  test("says how sure it is only where something was wrong, and has no marks of code in it", () => {
    expect(text({ analysis: exampleAnalysis() })).not.toMatch(/Confidence/);
    const refused = {
      ...namedObservation("media-permission-denied"),
      severity: "major" as const,
      startedAt: start,
    };
    const told = text({ analysis: exampleAnalysis({ observations: [refused] }) });
    expect(told).toMatch(/getUserMedia was rejected with NotAllowedError/);
    expect(told).toMatch(/Confidence: /);
  });

  test("names in it cannot add lines of their own", () => {
    const evil = "kim\nCause: somebody else";
    const told = text({
      analysis: exampleAnalysis({ userId: evil, callId: evil }),
      issues: [{ key: 1, at: start, code: "7C2-F9A", text: evil }],
    });
    expect(told.split("\n").filter((line) => line.startsWith("Cause:"))).toEqual(["Cause: Nothing unusual"]);
  });

  test("a session that measured nothing is not told as good", () => {
    const { score } = exampleAnalysis();
    const unmeasured = { ...score, value: null, class: "not-measured" as const, reason: "sender-unknown" };
    const told = text({ analysis: exampleAnalysis({ score: unmeasured }) });
    expect(told.split("\n")[0]).toBe("Nothing was measured, so it cannot be told how this call was.");
    expect(told).toContain(
      "Score: Not measured: Nothing arrived, and nobody knows whether anything was sent",
    );
    expect(told).toMatch(/What to tell them: Ask the person how the call was/);
    expect(told).not.toMatch(/nothing to do|nothing unusual|sender-unknown/i);
  });

  test("local times say by how much they differ from UTC", () => {
    expect(text({ zone: "local" })).toMatch(/When: .* \(UTC[+-]\d\d:\d\d\), 1:00/);
  });
});
