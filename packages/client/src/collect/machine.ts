import type { SessionContext } from "@peerscope/schema";
import type { Loose } from "../recorder.ts";

/** The parts of https://wicg.github.io/ua-client-hints/ that are used here; not in the DOM types. */
interface UserAgentData {
  readonly mobile?: boolean;
  getHighEntropyValues(hints: readonly string[]): Promise<HighEntropyValues>;
}

interface HighEntropyValues {
  readonly platformVersion?: string;
  readonly architecture?: string;
  readonly model?: string;
  readonly fullVersionList?: readonly { readonly brand: string; readonly version: string }[];
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
  later: (context: Loose<SessionContext>) => void,
): Loose<SessionContext> {
  const [browserName, browserVersion] = identify(browsers, userAgent);
  const [osName, osVersion] = identify(systems, userAgent);
  userAgentData?.getHighEntropyValues(["platformVersion", "architecture", "model", "fullVersionList"]).then(
    ({ platformVersion, architecture, model, fullVersionList = [] }) =>
      later({
        // The user-agent string says only the first number of the version.
        browserVersion:
          fullVersionList.find(({ brand }) => browserName && brand.endsWith(browserName))?.version ??
          browserVersion,
        osVersion: platformVersion || osVersion,
        cpuArchitecture: architecture || undefined,
        // Of phones and tablets; empty elsewhere.
        deviceModel: model || undefined,
      }),
    () => {},
  );
  return {
    browserName,
    browserVersion,
    osName,
    osVersion,
    mobile: userAgentData?.mobile,
    deviceMemoryGb: deviceMemory,
    hardwareConcurrency,
  };
}
