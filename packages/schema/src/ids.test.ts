import { describe, expect, it } from "vitest";
import { createSessionId, isSessionId } from "./ids.ts";

describe("session ids", () => {
  it("are the random bytes in base64url", () => {
    const bytes = Uint8Array.from({ length: 16 }, (_, i) => (i * 37 + 251) & 255);
    expect(createSessionId(() => bytes)).toBe(Buffer.from(bytes).toString("base64url"));
    expect(createSessionId((count) => new Uint8Array(count).fill(255))).toBe("_____________________w");
  });

  it("ask for 128 bits and are accepted by the server", () => {
    const asked: number[] = [];
    const id = createSessionId((count) => {
      asked.push(count);
      return new Uint8Array(count);
    });
    expect(asked).toEqual([16]);
    expect(id).toHaveLength(22);
    expect(isSessionId(id)).toBe(true);
  });

  it.each([
    "",
    "short",
    "with space",
    "slash/slash",
    "../../etc/passwd",
    "dots.dots",
    "x".repeat(65),
    "good-id\n",
    12345678,
    null,
  ])("%j is not one", (text) => expect(isSessionId(text)).toBe(false));

  it.each(["12345678", "lab-call_a", "A".repeat(64)])("%j is one", (text) =>
    expect(isSessionId(text)).toBe(true),
  );
});
