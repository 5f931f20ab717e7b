import type { SessionContext } from "@peerscope/schema";

/** Characters of a user agent that are looked at and kept. Ours. */
const maxCharacters = 1_000;

/** Order matters: each of them also claims to be one that comes later. As in the SDK. */
const browsers: readonly (readonly [name: string, before: RegExp])[] = [
  ["Edge", /Edg\w*\/([\d._]*)/],
  ["Firefox", /F(?:irefox|xiOS)\/([\d._]*)/],
  ["Chrome", /(?:Chrome|CriOS)\/([\d._]*)/],
  ["Safari", /Version\/(?=.* Safari)([\d._]*)/],
];
const systems: readonly (readonly [name: string, before: RegExp])[] = [
  ["Windows", /Windows NT ([\d._]*)/],
  ["Android", /Android ([\d._]*)/],
  ["iOS", /(?:iPhone|iPad).{0,200}? OS ([\d._]*)/],
  ["macOS", /Mac OS X ([\d._]*)/],
  ["Chrome OS", /CrOS \S{1,40} ([\d._]*)/],
  ["Linux", /Linux([\d._]*)/],
];

/** What a user agent text says of browser and system. */
export function describeUserAgent(userAgent: string): SessionContext {
  const text = userAgent.slice(0, maxCharacters);
  const [browserName, browserVersion] = identify(browsers, text);
  const [osName, osVersion] = identify(systems, text);
  return {
    userAgent: text,
    ...(browserName === undefined ? {} : { browserName }),
    ...(browserVersion === undefined ? {} : { browserVersion }),
    ...(osName === undefined ? {} : { osName }),
    ...(osVersion === undefined ? {} : { osVersion }),
  };
}

function identify(
  rules: readonly (readonly [name: string, before: RegExp])[],
  text: string,
): readonly (string | undefined)[] {
  for (const [name, rule] of rules) {
    const match = rule.exec(text);
    if (match !== null) return [name, match[1]?.replaceAll("_", ".") || undefined];
  }
  return [];
}
