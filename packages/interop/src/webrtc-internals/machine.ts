import type { JsonValue, SessionContext } from "@peerscope/schema";
import { arrayOf, numberOf, objectOf, textOf } from "../json.ts";
import { describeUserAgent } from "../user-agent.ts";

/** What the top of a dump says of browser and machine, as the context of a session. `pageUrl` is empty when it is not known. */
export function describeMachine(facts: ReadonlyMap<string, JsonValue>, pageUrl: string): SessionContext {
  const agent = facts.get("UserAgentData");
  const { brands, fullVersionList, mobile, platform } = objectOf(agent);
  // The first versions that had it wrote the list of brands alone.
  const listed = [fullVersionList, brands, agent].find((list) => arrayOf(list).length > 0);
  const known = arrayOf(listed).map((entry) => objectOf(entry));
  const brand =
    // One of the list is made up, so that nobody relies on its order: "Not A;Brand" in many spellings.
    known.find((one) => !/^Chromium$|Brand/i.test(textOf(one["brand"]) ?? "Brand")) ??
    known.find((one) => one["brand"] === "Chromium");
  const browserVersion = textOf(brand?.["version"])?.slice(0, 60);
  const osName = textOf(platform)?.slice(0, 60);
  const cores = numberOf(facts.get("hardwareConcurrency"));
  const memory = numberOf(facts.get("deviceMemory"));
  return {
    sdkName: "webrtc-internals",
    ...describeUserAgent(textOf(facts.get("UserAgent")) ?? ""),
    ...(brand === undefined ? {} : { browserName: (textOf(brand["brand"]) ?? "Chromium").slice(0, 60) }),
    ...(browserVersion === undefined ? {} : { browserVersion }),
    ...(osName === undefined ? {} : { osName }),
    ...(typeof mobile === "boolean" ? { mobile } : {}),
    ...(cores === null ? {} : { hardwareConcurrency: cores }),
    ...(memory === null ? {} : { deviceMemoryGb: memory }),
    ...(pageUrl === "" ? {} : { pageUrl }),
  };
}
