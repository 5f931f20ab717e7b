import { describe, expect, test } from "vitest";
import { createPasswordHasher, passwordProblem } from "./password-hash.ts";
import { cheap } from "./testing/access-app.ts";

describe("passwords", () => {
  const hasher = createPasswordHasher(cheap);

  test("the text has the cost, a salt of its own, and matches nothing else", async () => {
    const [one, two] = await Promise.all([hasher.hash("pässword"), hasher.hash("pässword")]);
    expect(one).toMatch(/^\$scrypt\$ln=4,r=1,p=1\$[\w-]{22}\$[\w-]{43}$/);
    expect(one).not.toBe(two);
    expect(await hasher.matches("pässword", one)).toBe(true);
    // Typed as a and two dots.
    expect(await hasher.matches("pa\u0308ssword", one)).toBe(true);
    expect(await hasher.matches("passwort", one)).toBe(false);
    expect(await hasher.matches("", one)).toBe(false);
    expect(await hasher.matches("pässword", null)).toBe(false);
  });

  test("a hash of another cost still matches; one that is damaged or asks for gigabytes does not", async () => {
    const dearer = await createPasswordHasher({ ln: 6, r: 2, p: 2 }).hash("secret");
    expect(await hasher.matches("secret", dearer)).toBe(true);
    for (const text of [
      "",
      "secret",
      dearer.slice(1),
      dearer.replace("ln=6", "ln=40"),
      dearer.replace("r=2", "r=0"),
    ])
      expect(await hasher.matches("secret", text)).toBe(false);
  });

  test("by default it is what OWASP asks for", async () => {
    expect(await createPasswordHasher().hash("x")).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$/);
  });

  test("without a hash it takes the same work", async () => {
    const slow = createPasswordHasher({ ln: 13, r: 8, p: 1 });
    const hash = await slow.hash("secret");
    const cpuMs = async (of: string | null): Promise<number> => {
      const before = process.cpuUsage();
      for (let index = 0; index < 10; index += 1) await slow.matches("wrong", of);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1_000;
    };
    await cpuMs(hash);
    const [known, unknown] = [await cpuMs(hash), await cpuMs(null)];
    expect(unknown).toBeGreaterThan(known / 3);
    expect(known).toBeGreaterThan(unknown / 3);
  });

  test("a flood is refused, and what waits is answered", async () => {
    const answers = await Promise.allSettled(Array.from({ length: 100 }, () => hasher.hash("x")));
    const refused = answers.filter(({ status }) => status === "rejected");
    expect(refused).toHaveLength(100 - 34);
    expect(refused[0]).toMatchObject({ reason: { code: "login-busy" } });
    expect(await hasher.hash("x")).toMatch(/^\$scrypt/);
  });

  test.each([
    ["correct horse", true],
    ["elevenchars", false],
    ["x".repeat(256), true],
    ["x".repeat(257), false],
    ["Somebody@example.org", false],
  ])("%s may be used: %s", (password, isGood) => {
    expect(passwordProblem(password, "somebody@example.org") === null).toBe(isGood);
  });
});
