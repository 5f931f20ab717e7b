import type { SessionContext } from "@peerscope/schema";
import type { Loose } from "../recorder.ts";

/** The parts of https://wicg.github.io/ua-client-hints/ that are used here; not in the DOM types. */
interface UserAgentData {
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
  Edge: "Edg\\w*/",
  Firefox: "F(?:irefox|xiOS)/",
  Chrome: "(?:Chrome|CriOS)/",
  Safari: "Version/(?=.* Safari)",
};
const systems = {
  Windows: "Windows NT ",
  Android: "Android ",
  iOS: "(?:iPhone|iPad).*? OS ",
  macOS: "Mac OS X ",
  "Chrome OS": "CrOS \\S+ ",
  Linux: "Linux",
};

/** Name and version by the first rule that fits; a rule is what stands before the version. */
function identify(rules: Readonly<Record<string, string>>, userAgent: string): (string | undefined)[] {
  for (const [name, rule] of Object.entries(rules)) {
    const match = new RegExp(`${rule}([\\d._]*)`).exec(userAgent);
    if (match) return [name, match[1]?.replaceAll("_", ".") || undefined];
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
    browserName,
    browserVersion,
    osName,
    osVersion,
    deviceMemoryGb: deviceMemory,
    hardwareConcurrency,
  };
}
