/* oxlint-disable typescript/unbound-method -- methods of a monitor need no `this`, which is part of what is tested */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "tsdown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Browser, Page } from "playwright-core";
import type { Monitor, MonitorStatus, StartOptions } from "@peerscope/client";
import { launchChromium } from "../support/browser.ts";
import { contextOf, eventsOf, openSdkLab, type ReceivedSession, type SdkLab } from "./sdk-lab.ts";

/** What the pages of these tests leave behind for the test. */
declare global {
  // eslint-disable-next-line no-var
  var monitor: Monitor;
  // eslint-disable-next-line no-var
  var Peerscope: { start(options: StartOptions): Monitor };
}

let browser: Browser;
let lab: SdkLab;

beforeAll(async () => {
  [browser, lab] = await Promise.all([
    // The last of two flags counts: elements play only after a gesture of the user.
    launchChromium({ args: ["--autoplay-policy=document-user-activation-required"] }),
    openSdkLab(),
  ]);
});
afterAll(async () => {
  await browser.close();
  await lab.close();
});

let pages = 0;

/** A page of its own with this body. */
async function openPage(body: string): Promise<Page> {
  const path = `/page-${++pages}`;
  lab.pages.set(path, `<!doctype html><meta charset="utf-8">${body}`);
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${lab.url}${path}`);
  return page;
}

const options = (more = ""): string => `{ url: location.origin, token: "pk_test", ${more} }`;

/** A page in which the module is loaded and nothing is started. */
const quietPage = `<script type="module">import * as sdk from "/sdk.js"; globalThis.Peerscope = sdk;</script>`;

/** The session that says this of itself. Nothing is asked of its page: a question counts as a gesture of the user. */
async function sessionOf(user: string): Promise<ReceivedSession> {
  const find = (): ReceivedSession | undefined =>
    [...lab.sessions.values()].find((session) => contextOf(session).userId === user);
  await expect.poll(find, { timeout: 10_000 }).toBeDefined();
  const session = find();
  if (session === undefined) throw new Error(`Nothing came from ${user}.`);
  return session;
}

const loaded = (session: ReceivedSession): Promise<void> =>
  expect.poll(() => contextOf(session), { timeout: 10_000 }).toHaveProperty("reloadCount");

describe("the surroundings of a call", () => {
  it("are told as they are when the part is there, and at each change", async () => {
    const page = await openPage(`
      <video id="own" muted autoplay playsinline style="width: 320px"></video>
      <script type="module">
        import { start } from "/sdk.js";
        globalThis.monitor = start(${options('user: "everything"')});
      </script>`);
    const session = await sessionOf("everything");
    await loaded(session);
    const labels = await page.evaluate(async () => {
      const stream = await new Promise<MediaStream>((resolve, reject) => {
        // As apps called it before promises.
        const { webkitGetUserMedia } = navigator as unknown as {
          webkitGetUserMedia(constraints: object, success: typeof resolve, failure: typeof reject): void;
        };
        webkitGetUserMedia.call(navigator, { audio: true, video: true }, resolve, reject);
      });
      const video = document.querySelector("video");
      if (video === null) throw new Error("no video");
      video.srcObject = stream;
      await video.play();
      video.style.width = "160px";
      const context = new AudioContext();
      context.createMediaStreamSource(stream);
      const devices = await navigator.mediaDevices.enumerateDevices();
      const output = devices.find(({ kind, deviceId }) => kind === "audiooutput" && deviceId !== "default");
      await video.setSinkId(output?.deviceId ?? "").catch(() => {});
      setTimeout(() => {
        const until = performance.now() + 300;
        while (performance.now() < until);
      });
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      // What no test can make happen by itself.
      video.dispatchEvent(new Event("waiting"));
      document.dispatchEvent(new Event("freeze"));
      await new Promise((resolve) => setTimeout(resolve, 50));
      document.dispatchEvent(new Event("resume"));
      video.dispatchEvent(new Event("playing"));
      video.pause();
      video.muted = true;
      await context.suspend();
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      await new Promise((resolve) => setTimeout(resolve, 4_500));
      await globalThis.monitor.stop();
      return devices.flatMap(({ label, deviceId, groupId }) => [label, deviceId, groupId]);
    });
    await page.context().close();

    expect(contextOf(session)).toMatchObject({
      browserName: "Chrome",
      screenWidth: expect.any(Number) as number,
      devicePixelRatio: 1,
      navigationType: "navigate",
      reloadCount: 0,
      mobile: false,
    });
    const listed = eventsOf(session, "devices-listed").at(-1);
    expect(listed?.data.videoInputs).toBe(1);
    expect(listed?.data.devices.find(({ kind }) => kind === "videoinput")).toEqual({
      kind: "videoinput",
      type: "virtual",
      device: expect.stringMatching(/^[\da-f]{10}$/) as string,
    });
    expect(eventsOf(session, "permission-state-changed").map(({ data }) => data.name)).toEqual(
      expect.arrayContaining(["camera", "microphone"]),
    );

    const states = eventsOf(session, "media-element-changed").map(({ data }) => data);
    expect(states[0]).toMatchObject({ elementId: "el-1", tagName: "video", muted: true, volume: 1 });
    expect(states.some(({ paused, videoWidth }) => !paused && videoWidth > 0)).toBe(true);
    expect(states.map(({ displayWidth }) => displayWidth)).toContain(160);
    expect(states.at(-1)).toMatchObject({ paused: true, pausedByApp: true, displayWidth: 160 });
    expect(states.at(-1)?.trackIds).toHaveLength(2);

    expect(eventsOf(session, "media-element-stalled").at(-1)?.data).toEqual({
      elementId: "el-1",
      reason: "waiting",
    });
    expect(eventsOf(session, "media-element-resumed").at(-1)?.data.stalledMs).toBeGreaterThan(30);
    expect(eventsOf(session, "page-lifecycle-changed").map(({ data }) => data.state)).toEqual([
      "frozen",
      "resumed",
    ]);

    const audio = eventsOf(session, "audio-context-state-changed").map(({ data }) => data);
    expect(audio.every(({ contextId, sampleRate }) => contextId === "ac-1" && sampleRate > 0)).toBe(true);
    expect(audio.at(-1)?.state).toBe("suspended");

    const [capture] = eventsOf(session, "api-called");
    expect(capture?.data).toMatchObject({
      method: "getUserMedia",
      arguments: { constraints: { audio: true, video: true } },
    });
    expect(eventsOf(session, "api-settled")[0]?.data).toMatchObject({
      callId: capture?.data.callId,
      outcome: "fulfilled",
    });
    const [sink] = eventsOf(session, "api-called").filter(({ data }) => data.method === "setSinkId");
    expect(sink?.data.arguments).toMatchObject({ elementId: "el-1" });
    expect(eventsOf(session, "api-settled").map(({ data }) => data.method)).toContain("setSinkId");

    const blocked = eventsOf(session, "main-thread-blocked").map(({ data }) => data);
    expect(Math.max(...blocked.map(({ longestMs }) => longestMs))).toBeGreaterThanOrEqual(290);
    expect(eventsOf(session, "sdk-error")).toEqual([]);

    // Neither names nor ids of devices, in any record.
    const sent = JSON.stringify(session.records);
    for (const secret of labels.filter((text) => text.length > 8)) expect(sent).not.toContain(secret);
  });

  it("tell that the browser refused to play before a gesture, and that Web Audio is suspended", async () => {
    const page = await openPage(`
      <audio></audio>
      <script type="module">
        import { start } from "/sdk.js";
        const monitor = start(${options('user: "refused"')});
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        const context = new AudioContext();
        const element = document.querySelector("audio");
        element.srcObject = context.createMediaStreamDestination().stream;
        await element.play().catch((error) => monitor.event("refused", { name: error.name }));
      </script>`);
    const session = await sessionOf("refused");
    await expect.poll(() => eventsOf(session, "app-event"), { timeout: 10_000 }).toHaveLength(1);
    await page.context().close();
    const [refusal] = eventsOf(session, "media-element-play-refused");
    expect(refusal?.data).toMatchObject({ elementId: "el-1", error: { name: "NotAllowedError" } });
    expect(eventsOf(session, "audio-context-state-changed")[0]?.data.state).toBe("suspended");
  });

  it("are left out when the app says so, and when they cannot be loaded nothing else breaks", async () => {
    const page = await openPage(quietPage);
    const requests: string[] = [];
    page.on("request", (request) => requests.push(new URL(request.url()).pathname));
    await page.route("**/peerscope-surroundings.js", (route) => route.abort());
    const run = (user: string, surroundings: boolean): Promise<string> =>
      page.evaluate(
        async ([name, value]) => {
          const { start } = globalThis.Peerscope;
          const monitor = start({ url: location.origin, token: "pk_test", user: name, surroundings: value });
          new RTCPeerConnection().createDataChannel("still recorded");
          await new Promise((resolve) => setTimeout(resolve, 500));
          await monitor.stop();
          return monitor.sessionId;
        },
        [user, surroundings] as const,
      );
    const without = lab.session(await run("without", false));
    expect(requests).not.toContain("/peerscope-surroundings.js");
    expect(eventsOf(without, "sdk-error")).toEqual([]);
    const failed = lab.session(await run("failed", true));
    await page.context().close();
    expect(requests).toContain("/peerscope-surroundings.js");
    expect(eventsOf(failed, "sdk-error").map(({ data }) => data.place)).toEqual(["surroundings"]);
    for (const session of [without, failed]) {
      expect(eventsOf(session, "connection-created")).toHaveLength(1);
      expect(eventsOf(session, "session-ended")).toHaveLength(1);
    }
  });

  it.each([
    ["refused", true],
    ["never answered", false],
  ])("leave nothing behind when the part that sends is %s", async (_, isRefused) => {
    const page = await openPage(quietPage);
    const said: string[] = [];
    page.on("console", (message) => said.push(message.text()));
    await page.route("**/peerscope-beside.js", async (route) => {
      if (isRefused) await route.abort();
    });
    const [wasWrapped, isWrapped, tookMs] = await page.evaluate(async () => {
      const native = RTCPeerConnection;
      const { start } = globalThis.Peerscope;
      const monitor = start({ url: location.origin, token: "pk_test", surroundings: false });
      const watched = RTCPeerConnection;
      new RTCPeerConnection().createDataChannel("not recorded");
      await new Promise((resolve) => setTimeout(resolve, 500));
      const startedAt = performance.now();
      await monitor.stop();
      return [watched !== native, RTCPeerConnection !== native, performance.now() - startedAt];
    });
    await page.context().close();
    expect([wasWrapped, isWrapped]).toEqual([true, false]);
    expect(tookMs).toBeLessThan(4_500);
    expect(said.filter((text) => text.startsWith("Peerscope: sdk-failed"))).toHaveLength(isRefused ? 1 : 0);
  });

  it("leave every function as it was when the SDK stops", async () => {
    const page = await openPage(quietPage);
    const changed = await page.evaluate(async () => {
      const owners = {
        MediaDevices: MediaDevices.prototype,
        HTMLMediaElement: HTMLMediaElement.prototype,
        AudioContext: AudioContext.prototype,
        BaseAudioContext: BaseAudioContext.prototype,
        globalThis,
      };
      const all = (): Map<string, unknown> =>
        new Map(
          Object.entries(owners).flatMap(([owner, object]) =>
            Object.entries(Object.getOwnPropertyDescriptors(object)).map(([name, descriptor]) => [
              `${owner}.${name}`,
              (descriptor as PropertyDescriptor).value,
            ]),
          ),
        );
      const before = all();
      const differences = (): string[] =>
        [...all()].filter(([name, value]) => !Object.is(before.get(name), value)).map(([name]) => name);
      const { start } = globalThis.Peerscope;
      const monitor = start({ url: location.origin, token: "pk_test" });
      await new Promise((resolve) => setTimeout(resolve, 500));
      const during = differences();
      await monitor.stop();
      return { during, after: differences() };
    });
    await page.context().close();
    expect(changed.during).toEqual(
      expect.arrayContaining([
        "MediaDevices.enumerateDevices",
        "HTMLMediaElement.play",
        "HTMLMediaElement.setSinkId",
        "AudioContext.resume",
        "globalThis.AudioContext",
      ]),
    );
    expect(changed.after).toEqual([]);
  });
});

describe("the bundles", () => {
  it("are one file for a plain script, with everything in it", async () => {
    const page = await openPage(`
      <script src="/peerscope.iife.js"></script>
      <script>globalThis.monitor = Peerscope.start(${options('user: "plain script"')});</script>`);
    const scripts: string[] = [];
    page.on("request", (request) => scripts.push(request.url()));
    const session = await sessionOf("plain script");
    await loaded(session);
    expect(await page.evaluate(() => Object.keys(globalThis.Peerscope))).toEqual(["start"]);
    await page.evaluate(() => globalThis.monitor.stop());
    await page.context().close();
    expect(scripts).toEqual([]);
    expect(eventsOf(session, "sdk-error")).toEqual([]);
    expect(eventsOf(session, "session-ended")[0]?.data.reason).toBe("stopped");
  });

  it("have parts that stand alone: the main file is never loaded twice", () => {
    const dist = fileURLToPath(new URL("../../packages/client/dist", import.meta.url));
    const parts = readdirSync(dist).filter((name) => /^peerscope-.*\.js$/.test(name));
    expect(parts).toContain("peerscope-surroundings.js");
    for (const part of parts)
      expect(readFileSync(join(dist, part), "utf8")).not.toMatch(/(?<![.\w])(from|import)[ \s(]*["'`]/);
  });

  it("go through the bundler of an app, the part beside, and are left out where nothing of them is used", async () => {
    // What an app gets from the registry: the SDK was built by the lab, this is its one dependency.
    await build({ cwd: fileURLToPath(new URL("../../packages/schema", import.meta.url)), logLevel: "error" });
    const folder = mkdtempSync(fileURLToPath(new URL("../../node_modules/.peerscope-app-", import.meta.url)));
    try {
      writeFileSync(
        join(folder, "app.js"),
        `import { start } from "@peerscope/client"; start(${options('user: "bundled"')});`,
      );
      writeFileSync(
        join(folder, "unused.js"),
        `import { start } from "@peerscope/client"; export const never = () => 1;`,
      );
      for (const entry of ["app.js", "unused.js"]) {
        await build({
          cwd: folder,
          config: false,
          entry,
          platform: "browser",
          format: "esm",
          dts: false,
          clean: false,
          logLevel: "error",
          fixedExtension: false,
          deps: { alwaysBundle: [/^@peerscope\//] },
          outputOptions: { chunkFileNames: "[name].js" },
        });
      }
      const read = (name: string): string => readFileSync(join(folder, "dist", name), "utf8");
      expect(read("unused.js")).not.toContain("RTCPeerConnection");
      for (const name of readdirSync(join(folder, "dist"))) lab.pages.set(`/${name}`, read(name));
      const page = await openPage(`<script type="module" src="/app.js"></script>`);
      const session = await sessionOf("bundled");
      await loaded(session);
      await page.context().close();
      expect(eventsOf(session, "sdk-error")).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("what the app says and hears", () => {
  it("is rated, reported with a code to read out, and listened to", async () => {
    const page = await openPage(quietPage);
    const restarting = page.waitForEvent("console", (message) => message.text() === "restart now");
    const done = page.evaluate(async () => {
      const { start } = globalThis.Peerscope;
      const monitor = start({ url: location.origin, token: "pk_test", call: "one" });
      const heard: string[] = [];
      const hear = (name: string) => (detail: MonitorStatus) => heard.push(`${name} ${detail.connected}`);
      monitor.on("status", hear("status"));
      monitor.on("status", hear("gone"))();
      monitor.on("issue-reported", ({ code, text }) => heard.push(`${code} ${text}`));
      monitor.rate(4);
      monitor.rate(7, { max: 10, comment: "a little echo" });
      const codes = [monitor.reportIssue("no sound"), monitor.reportIssue()];
      monitor.endCall();
      await new Promise((resolve) => setTimeout(resolve, 500));
      console.log("restart now");
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      await monitor.stop();
      return { sessionId: monitor.sessionId, heard, codes };
    });
    await restarting;
    await lab.restart(100);
    const { sessionId, heard, codes } = await done;
    await page.context().close();
    const session = lab.session(sessionId);
    for (const code of codes) expect(code).toMatch(/^[2-9A-HJKMNP-TV-Z]{3}-[2-9A-HJKMNP-TV-Z]{3}$/);
    expect(eventsOf(session, "issue-reported").map(({ data }) => data)).toEqual([
      { code: codes[0], text: "no sound" },
      { code: codes[1] },
    ]);
    const tags = Object.assign(
      {},
      ...session.records.map((record) => (record.kind === "context" ? record.context.tags : {})),
    ) as object;
    expect(tags).toEqual({ "issue-1": codes[0], "issue-2": codes[1] });
    expect(eventsOf(session, "call-rated").map(({ data }) => data)).toEqual([
      { value: 4 },
      { value: 7, max: 10, comment: "a little echo" },
    ]);
    expect(contextOf(session).callId).toBeNull();
    expect(heard.slice(0, 2)).toEqual([`${codes[0]} no sound`, `${codes[1]} undefined`]);
    expect(heard.slice(2, 5)).toEqual(["status true", "status false", "status true"]);
  });

  it("hears that the server refused for good, and what was lost by it", async () => {
    const page = await openPage(quietPage);
    await page.routeWebSocket(/ingest/, (socket) => {
      const refusal = { type: "error", code: "token-unknown", message: "No such project.", retry: false };
      socket.onMessage(() => socket.send(JSON.stringify(refusal)));
    });
    const heard = await page.evaluate(async () => {
      const { start } = globalThis.Peerscope;
      const monitor = start({ url: location.origin, token: "pk_test", surroundings: false });
      const heard: [string, boolean, string | null][] = [];
      for (const type of ["status", "lost", "refused"] as const)
        monitor.on(type, ({ lost, refused }) => heard.push([type, lost > 0, refused]));
      monitor.event("never arrives");
      await new Promise((resolve) => setTimeout(resolve, 600));
      await monitor.stop();
      return heard;
    });
    await page.context().close();
    expect(heard).toEqual([
      ["lost", true, "token-unknown"],
      ["refused", true, "token-unknown"],
    ]);
  });

  it("ends when the SDK keeps failing: it takes itself out of the page and says so once", async () => {
    const page = await openPage(quietPage);
    const warnings: string[] = [];
    page.on("console", (message) => message.type() === "warning" && warnings.push(message.text()));
    const { sessionId, isNative, idle } = await page.evaluate(async () => {
      const native = RTCPeerConnection;
      const { start } = globalThis.Peerscope;
      const monitor = start({ url: location.origin, token: "pk_test" });
      await new Promise((resolve) => setTimeout(resolve, 500));
      for (let count = 0; count < 200; count++) Reflect.apply(monitor.observe, undefined, [{}]);
      const isNative = native === RTCPeerConnection;
      await monitor.stop();
      // And one that cannot even begin.
      const { getRandomValues } = Crypto.prototype;
      Crypto.prototype.getRandomValues = () => {
        throw new Error("no randomness");
      };
      const none = start({ url: location.origin, token: "pk_test" });
      Crypto.prototype.getRandomValues = getRandomValues;
      none.event("nothing");
      none.on("status", () => {})();
      await none.stop();
      const idle = [none.status().refused, none.reportIssue(), native === RTCPeerConnection];
      return { sessionId: monitor.sessionId, isNative, idle };
    });
    await page.context().close();
    const session = lab.session(sessionId);
    expect(isNative).toBe(true);
    expect(eventsOf(session, "sdk-error").map(({ data }) => data.place)).toEqual(["observe"]);
    expect(eventsOf(session, "session-ended").map(({ data }) => data.reason)).toEqual(["sdk-failed"]);
    expect(idle).toEqual(["sdk-failed", "", true]);
    expect(warnings).toEqual([
      expect.stringMatching(/^Peerscope: sdk-failed: observe: /),
      expect.stringMatching(/^Peerscope: sdk-failed: Error: no randomness/),
    ]);
  });
});
