import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { eventsOf, openSdkLab, type SdkLab } from "./sdk-lab.ts";

let lab: SdkLab;

beforeAll(async () => {
  lab = await openSdkLab();
});
afterAll(() => lab.close());

describe("getUserMedia that fails", () => {
  it.each([
    ["NotAllowedError", "the permission is refused", { allowMedia: false }],
    // Headless Chromium asked for fake devices of which there are none.
    [
      "NotFoundError",
      "there is no camera",
      { fakeDevices: false, args: ["--use-fake-device-for-media-stream=device-count=0"] },
    ],
  ] as const)("is told with %s when %s, and the app gets the same error", async (name, _, options) => {
    const browser = await launchChromium(options);
    try {
      const page = await lab.open(browser);
      const { sessionId, error, problems } = await page.evaluate(async () => {
        const monitor = globalThis.lab.start();
        let error = "";
        try {
          await navigator.mediaDevices.getUserMedia({ video: { deviceId: "secret-device" } });
        } catch (caught) {
          error = caught instanceof DOMException ? caught.name : "no DOMException";
        }
        await monitor.stop();
        return { sessionId: monitor.sessionId, error, problems: globalThis.lab.problems };
      });
      expect(error).toBe(name);
      expect(problems).toEqual([]);
      const session = lab.session(sessionId);
      const [called] = eventsOf(session, "api-called");
      expect(called?.data).toMatchObject({
        method: "getUserMedia",
        arguments: { constraints: { video: { deviceId: true } } },
      });
      expect(eventsOf(session, "api-settled").map(({ data }) => data)).toMatchObject([
        {
          callId: called?.data.callId,
          method: "getUserMedia",
          outcome: "rejected",
          error: { name, message: expect.any(String) },
        },
      ]);
    } finally {
      await browser.close();
    }
  });
});
