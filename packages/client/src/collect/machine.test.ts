import { describe, expect, it, vi } from "vitest";
import { describeMachine } from "./machine.ts";

const windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)";

describe("machine", () => {
  it.each([
    [`${windows} Chrome/156.0.0.0 Safari/537.36`, "Chrome", "156.0.0.0", "Windows", "10.0"],
    [`${windows} Chrome/156.0.0.0 Safari/537.36 Edg/156.0.1.2`, "Edge", "156.0.1.2", "Windows", "10.0"],
    [
      "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0",
      "Firefox",
      "153.0",
      "Linux",
      undefined,
    ],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Mobile/15E148 Safari/604.1",
      "Safari",
      "18.3",
      "iOS",
      "18.3.1",
    ],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/156.0.1 Mobile/15E148 Safari/604.1",
      "Chrome",
      "156.0.1",
      "iOS",
      "18.3",
    ],
    [
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
      "Safari",
      "26.1",
      "macOS",
      "10.15.7",
    ],
    [
      "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36",
      "Chrome",
      "156.0.0.0",
      "Android",
      "14",
    ],
    [
      "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/156.0.0.0 Safari/537.36",
      "Chrome",
      "156.0.0.0",
      "Chrome OS",
      "14541.0.0",
    ],
    ["something else", undefined, undefined, undefined, undefined],
  ])("%s", (userAgent, browserName, browserVersion, osName, osVersion) => {
    const machine = describeMachine({ userAgent, hardwareConcurrency: 8 }, () => {});
    expect(machine).toMatchObject({ browserName, browserVersion, osName, osVersion, hardwareConcurrency: 8 });
  });

  it("asks the browser for the version of the system, which Chromium froze in its user-agent string", async () => {
    const later = vi.fn();
    const userAgentData = {
      mobile: false,
      getHighEntropyValues: async () => ({
        platformVersion: "15.0.0",
        architecture: "x86",
        model: "",
        fullVersionList: [
          { brand: "Not=A?Brand", version: "99.0.0.0" },
          { brand: "Chromium", version: "156.0.1.2" },
          { brand: "Google Chrome", version: "156.0.7312.4" },
        ],
      }),
    };
    const userAgent = `${windows} Chrome/156.0.0.0 Safari/537.36`;
    const machine = describeMachine({ userAgent, hardwareConcurrency: 8, userAgentData }, later);
    expect(machine).toMatchObject({ mobile: false, browserVersion: "156.0.0.0" });
    await vi.waitFor(() =>
      expect(later).toHaveBeenCalledWith({
        browserVersion: "156.0.7312.4",
        osVersion: "15.0.0",
        cpuArchitecture: "x86",
        deviceModel: undefined,
      }),
    );
  });
});
