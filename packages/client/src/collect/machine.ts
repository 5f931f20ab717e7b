import type { SessionContext } from "@peerscope/schema";
import { sdkVersion } from "../version.ts";
import { reduceUrl } from "./privacy.ts";

/** The parts of https://wicg.github.io/ua-client-hints/ that are used here; not in the DOM types. */
interface UserAgentData {
  readonly brands: readonly { readonly brand: string; readonly version: string }[];
  readonly platform: string;
  getHighEntropyValues(hints: readonly string[]): Promise<{ readonly platformVersion?: string }>;
}

type NavigatorWithHints = Navigator & { userAgentData?: UserAgentData; deviceMemory?: number };

/** Order matters: each of them also claims to be one that comes later. */
const browsers: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["Edge", /Edg\w*\/([\d.]+)/],
  ["Opera", /OPR\/([\d.]+)/],
  ["Samsung Internet", /SamsungBrowser\/([\d.]+)/],
  ["Firefox", /(?:Firefox|FxiOS)\/([\d.]+)/],
  ["Chrome", /(?:Chrome|CriOS)\/([\d.]+)/],
  ["Safari", /Version\/([\d.]+).* Safari/],
];
const systems: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["Windows", /Windows NT ([\d.]+)/],
  ["Android", /Android ([\d.]+)/],
  ["iOS", /(?:iPhone|iPad).* OS ([\d_]+)/],
  ["macOS", /Mac OS X ([\d_.]+)/],
  ["Chrome OS", /CrOS \S+ ([\d.]+)/],
  ["Linux", /Linux()/],
];

/** Name and version by the first rule that fits; null for a name or version that the text does not say. */
function identify(
  rules: typeof browsers,
  userAgent: string,
): { readonly name: string | null; readonly version: string | null } {
  for (const [name, pattern] of rules) {
    const match = pattern.exec(userAgent);
    if (match !== null) return { name, version: match[1]?.replaceAll("_", ".") || null };
  }
  return { name: null, version: null };
}

/** Browser and system of a user-agent string. Members that it does not say are absent. */
export function parseUserAgent(userAgent: string): SessionContext {
  const browser = identify(browsers, userAgent);
  const system = identify(systems, userAgent);
  return withoutNull({
    browserName: browser.name,
    browserVersion: browser.version,
    osName: system.name,
    osVersion: system.version,
  });
}

/** What is known about browser and machine at once; `later` is called with what the browser tells after thinking. */
export function describeMachine(later: (context: SessionContext) => void): SessionContext {
  const { userAgent, userAgentData, deviceMemory, hardwareConcurrency } = navigator as NavigatorWithHints;
  // Chromium puts a made-up brand into the list, so that nobody relies on its order.
  const brands = userAgentData?.brands.filter(({ brand }) => !/not.*brand/i.test(brand)) ?? [];
  const brand = brands.find((entry) => entry.brand !== "Chromium") ?? brands[0];
  userAgentData?.getHighEntropyValues(["platformVersion"]).then(
    ({ platformVersion }) => platformVersion && later({ osVersion: platformVersion }),
    () => {},
  );
  return {
    sdkName: "@peerscope/client",
    sdkVersion,
    userAgent,
    ...parseUserAgent(userAgent),
    ...withoutNull({
      browserName: brand?.brand.replace(/^(Google|Microsoft) /, "") ?? null,
      browserVersion: brand?.version ?? null,
      osName: userAgentData?.platform || null,
      deviceMemoryGb: deviceMemory ?? null,
      hardwareConcurrency: hardwareConcurrency ?? null,
    }),
    pageUrl: reduceUrl(location.href),
  };
}

function withoutNull(members: Record<string, string | number | null>): SessionContext {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
}
