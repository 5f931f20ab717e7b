import type { SessionContext } from "@peerscope/schema";
import type { Loose } from "../recorder.ts";
import { sdkVersion } from "../version.ts";
import { reduceUrl } from "./privacy.ts";

/** The parts of https://wicg.github.io/ua-client-hints/ that are used here; not in the DOM types. */
interface UserAgentData {
  readonly platform: string;
  getHighEntropyValues(hints: readonly string[]): Promise<{ readonly platformVersion?: string }>;
}

/** What navigator may say beyond the DOM types. */
export type MachineFacts = Pick<Navigator, "userAgent" | "hardwareConcurrency"> & {
  readonly userAgentData?: UserAgentData;
  readonly deviceMemory?: number;
};

/**
 * Order matters: each of them also claims to be one that comes later. Client hints say the same and add made-up brands.
 */
const browsers = {
  Edge: /Edg\w*\/([\d.]+)/,
  Firefox: /F(?:irefox|xiOS)\/([\d.]+)/,
  Chrome: /(?:Chrome|CriOS)\/([\d.]+)/,
  Safari: /Version\/([\d.]+).* Safari/,
};
const systems = {
  Windows: /Windows NT ([\d.]+)/,
  Android: /Android ([\d.]+)/,
  iOS: /iP(?:hone|ad).* OS ([\d_]+)/,
  macOS: /Mac OS X ([\d_.]+)/,
  "Chrome OS": /CrOS \S+ ([\d.]+)/,
  Linux: /Linux()/,
};

/** Name and version by the first rule that fits. */
function identify(rules: Readonly<Record<string, RegExp>>, userAgent: string): (string | undefined)[] {
  for (const [name, rule] of Object.entries(rules)) {
    const version = rule.exec(userAgent)?.[1];
    if (version !== undefined) return [name, version.replaceAll("_", ".") || undefined];
  }
  return [];
}

/** What is known about browser and machine at once; `later` is called with what the browser tells after thinking. */
export function describeMachine(
  { userAgent, userAgentData, deviceMemory, hardwareConcurrency }: MachineFacts,
  later: (context: SessionContext) => void,
): Loose<SessionContext> {
  const [browserName, browserVersion] = identify(browsers, userAgent);
  const [osName, osVersion] = identify(systems, userAgent);
  userAgentData?.getHighEntropyValues(["platformVersion"]).then(
    ({ platformVersion }) => platformVersion && later({ osVersion: platformVersion }),
    () => {},
  );
  return {
    sdkName: "@peerscope/client",
    sdkVersion,
    userAgent,
    browserName,
    browserVersion,
    osName: userAgentData?.platform || osName,
    osVersion,
    deviceMemoryGb: deviceMemory,
    hardwareConcurrency,
    pageUrl: reduceUrl(location.href),
  };
}
