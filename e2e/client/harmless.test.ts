/* oxlint-disable typescript/unbound-method -- functions are called with the wrong `this` on purpose, or with the right one by hand */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "../support/browser.ts";
import { eventsOf, openSdkLab, samplesOf, type SdkLab } from "./sdk-lab.ts";

let browser: Browser;
let lab: SdkLab;
let page: Page;

beforeAll(async () => {
  [browser, lab] = await Promise.all([launchChromium(), openSdkLab()]);
});
afterAll(async () => {
  await browser.close();
  await lab.close();
});
beforeEach(async () => {
  page = await lab.open(browser);
});
afterEach(async () => {
  // Whatever a test did to the SDK: the app noticed nothing.
  const problems = await page.evaluate(() => globalThis.lab.problems);
  await page.context().close();
  expect(problems).toEqual([]);
});

describe("the SDK inside a page", () => {
  it.each([
    [
      "throws",
      "getstats-failed",
      () => {
        RTCPeerConnection.prototype.getStats = () => {
          throw new Error("getStats is broken");
        };
      },
    ],
    [
      "never settles",
      "getstats-timeout",
      () => {
        RTCPeerConnection.prototype.getStats = () => new Promise(() => {});
      },
    ],
  ])("survives a getStats that %s", async (_, reason, breakIt) => {
    await page.evaluate(breakIt);
    const sessionId = await page.evaluate(async () => {
      const monitor = globalThis.lab.start();
      const pc = new RTCPeerConnection();
      await globalThis.lab.pause(1_300);
      pc.createDataChannel("still works");
      await monitor.stop();
      return monitor.sessionId;
    });
    const session = lab.session(sessionId);
    expect(samplesOf(session, "pc-1")).toEqual([]);
    expect(eventsOf(session, "sdk-records-lost").map(({ data }) => data.reason)).toContain(reason);
    expect(eventsOf(session, "api-settled").map(({ data }) => data.method)).toContain("createDataChannel");
    await expect.poll(() => session.said.at(-1)).toBe("bye");
  });

  it("survives reports with hostile objects, and keeps the others", async () => {
    const sessionId = await page.evaluate(async () => {
      const { getStats } = RTCPeerConnection.prototype;
      RTCPeerConnection.prototype.getStats = async function (this: RTCPeerConnection) {
        const report = await getStats.call(this);
        const cycle: Record<string, unknown> = { id: "cycle", type: "app", timestamp: 1 };
        cycle["self"] = cycle;
        const hostile = {
          id: "hostile",
          type: "app",
          timestamp: 2,
          value: 7,
          toJSON() {
            throw new Error("toJSON");
          },
          get broken() {
            throw new Error("getter");
          },
        };
        return new Map<string, unknown>([...report, ["cycle", cycle], ["hostile", hostile]]);
      };
      const monitor = globalThis.lab.start();
      const pc = new RTCPeerConnection();
      await globalThis.lab.pause(1_300);
      pc.close();
      await monitor.stop();
      return monitor.sessionId;
    });
    const session = lab.session(sessionId);
    const [sample] = samplesOf(session, "pc-1");
    expect(sample?.stats.map(({ type }) => type)).toContain("peer-connection");
    expect(sample?.stats.find(({ id }) => id === "hostile")).toEqual({
      id: "hostile",
      type: "app",
      timestamp: 2,
      value: 7,
    });
    expect(sample?.stats.find(({ id }) => id === "cycle")).toMatchObject({ timestamp: 1 });
    expect(eventsOf(session, "sdk-records-lost")).toEqual([]);
  });

  it("survives hostile arguments of the app, which get what they get without it", async () => {
    const outcomes = await page.evaluate(async () => {
      const monitor = globalThis.lab.start();
      const pc = new RTCPeerConnection();
      const outcome = async (run: () => unknown): Promise<string> => {
        try {
          await run();
          return "fine";
        } catch (error) {
          return (error as Error).name;
        }
      };
      const hostile = new Proxy(
        {},
        {
          get() {
            throw new RangeError("proxy");
          },
          ownKeys() {
            throw new RangeError("proxy");
          },
        },
      );
      const outcomes = [
        await outcome(() => pc.createOffer(hostile)),
        await outcome(() => pc.setRemoteDescription({ type: "answer", sdp: "nonsense" })),
        await outcome(() => pc.addIceCandidate({ candidate: "nonsense" })),
        await outcome(() => Reflect.apply(pc.addTrack, pc, [hostile])),
        await outcome(() => Reflect.apply(pc.createOffer, {}, [])),
        await outcome(() => Reflect.apply(RTCPeerConnection, undefined, [])),
        await outcome(() => new RTCPeerConnection({ iceServers: [{ urls: "nonsense" }] })),
      ];
      monitor.event("hostile", hostile);
      Reflect.apply(monitor.event, undefined, [Symbol("s"), document]);
      Reflect.apply(monitor.observe, undefined, [hostile]);
      Reflect.apply(monitor.setUser, undefined, [hostile]);
      await monitor.stop();
      const after = [
        await outcome(() => pc.createOffer(hostile)),
        await outcome(() => pc.setRemoteDescription({ type: "answer", sdp: "nonsense" })),
        await outcome(() => pc.addIceCandidate({ candidate: "nonsense" })),
        await outcome(() => Reflect.apply(pc.addTrack, pc, [hostile])),
        await outcome(() => Reflect.apply(pc.createOffer, {}, [])),
        await outcome(() => Reflect.apply(RTCPeerConnection, undefined, [])),
        await outcome(() => new RTCPeerConnection({ iceServers: [{ urls: "nonsense" }] })),
      ];
      return { with: outcomes, without: after };
    });
    expect(outcomes.with).toEqual(outcomes.without);
  });

  it("does not hide a rejection that the app forgot to handle", async () => {
    const problems = await page.evaluate(async () => {
      const monitor = globalThis.lab.start();
      void new RTCPeerConnection().setRemoteDescription({ type: "answer", sdp: "" });
      await globalThis.lab.pause(200);
      await monitor.stop();
      return globalThis.lab.problems.splice(0);
    });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^unhandled: \w*Error/);
  });

  it("leaves a subclass of RTCPeerConnection a subclass", async () => {
    const { facts, sessionId } = await page.evaluate(async () => {
      const { lab } = globalThis;
      const monitor = lab.start();
      class Phone extends RTCPeerConnection {
        readonly calls: string[] = [];
        readonly label: string;
        constructor(label: string) {
          super({ bundlePolicy: "max-bundle" });
          this.label = label;
        }
        ring(): string {
          return `${this.label} rings`;
        }
        override restartIce(): void {
          this.calls.push("restartIce");
          super.restartIce();
        }
        override addEventListener(...args: unknown[]): void {
          this.calls.push("addEventListener");
          Reflect.apply(RTCPeerConnection.prototype.addEventListener, this, args);
        }
      }
      const phone = new Phone("desk");
      phone.addTransceiver("audio");
      const { type } = await phone.createOffer();
      phone.restartIce();
      const plain = new RTCPeerConnection();
      const facts = [
        phone instanceof Phone,
        phone instanceof RTCPeerConnection,
        phone instanceof lab.native.RTCPeerConnection,
        phone.constructor === Phone,
        plain.constructor === RTCPeerConnection,
        Object.getPrototypeOf(Phone) === RTCPeerConnection,
        RTCPeerConnection.prototype === lab.native.RTCPeerConnection.prototype,
        RTCPeerConnection.name,
        RTCPeerConnection.length,
        RTCPeerConnection.prototype.createOffer.name,
        RTCPeerConnection.prototype.createOffer.length === 0,
        typeof RTCPeerConnection.generateCertificate,
        phone.ring(),
        type,
        phone.calls.join(),
        phone.getConfiguration().bundlePolicy,
        Function.prototype.toString.call(RTCPeerConnection).includes("[native code]"),
      ];
      await monitor.stop();
      facts.push(new Phone("late").ring());
      return { facts, sessionId: monitor.sessionId };
    });
    expect(facts).toEqual([
      true,
      true,
      true,
      true,
      true,
      true,
      true,
      "RTCPeerConnection",
      0,
      "createOffer",
      true,
      "function",
      "desk rings",
      "offer",
      "restartIce",
      "max-bundle",
      true,
      "late rings",
    ]);
    const session = lab.session(sessionId);
    expect(eventsOf(session, "connection-created", "pc-1")[0]?.data.configuration).toEqual({
      bundlePolicy: "max-bundle",
    });
    expect(eventsOf(session, "api-called", "pc-1").map(({ data }) => data.method)).toEqual([
      "addTransceiver",
      "createOffer",
      "restartIce",
    ]);
  });

  it("sees connections that were there before it, from their first call on", async () => {
    const sessionId = await page.evaluate(async () => {
      const early = new RTCPeerConnection();
      const silent = new RTCPeerConnection();
      const monitor = globalThis.lab.start();
      early.createDataChannel("chat");
      monitor.observe(silent, "silent");
      await early.setLocalDescription();
      await globalThis.lab.pause(1_200);
      await monitor.stop();
      return monitor.sessionId;
    });
    const session = lab.session(sessionId);
    expect(eventsOf(session, "connection-created").map(({ data }) => data.name)).toEqual([
      undefined,
      "silent",
    ]);
    expect(samplesOf(session, "pc-1").length).toBeGreaterThan(0);
    expect(samplesOf(session, "pc-2").length).toBeGreaterThan(0);
    expect(eventsOf(session, "signaling-state-changed", "pc-1").map(({ data }) => data.state)).toEqual([
      "have-local-offer",
    ]);
  });

  it.each([
    ["the first", "the second"],
    ["the second", "the first"],
  ])("works twice on one page, also when %s is stopped before %s", async (stoppedFirst) => {
    const result = await page.evaluate(async (firstIsFirst) => {
      const { lab } = globalThis;
      const first = lab.start();
      const second = lab.startOther();
      const [early, late] = firstIsFirst ? [first, second] : [second, first];
      const a = new RTCPeerConnection();
      a.createDataChannel("both");
      await lab.pause(1_200);
      await early.stop();
      const b = new RTCPeerConnection();
      b.createDataChannel("one");
      await a.setLocalDescription();
      await lab.pause(1_200);
      await late.stop();
      const c = new RTCPeerConnection();
      c.createDataChannel("none");
      const offer = await c.createOffer();
      return {
        early: early.sessionId,
        late: late.sessionId,
        offer: offer.type,
        isConnection: c instanceof RTCPeerConnection && c instanceof lab.native.RTCPeerConnection,
        changed: lab.changed(),
      };
    }, stoppedFirst === "the first");
    const methods = (sessionId: string): string[] =>
      eventsOf(lab.session(sessionId), "api-called").map(
        ({ connectionId, data }) => `${connectionId} ${data.method}`,
      );
    expect(methods(result.early)).toEqual(["pc-1 createDataChannel"]);
    expect(methods(result.late)).toEqual([
      "pc-1 createDataChannel",
      "pc-2 createDataChannel",
      "pc-1 setLocalDescription",
    ]);
    for (const id of [result.early, result.late])
      expect(samplesOf(lab.session(id), "pc-1").length).toBeGreaterThan(0);
    expect(samplesOf(lab.session(result.late), "pc-2").length).toBeGreaterThan(0);
    expect([result.offer, result.isConnection]).toEqual(["offer", true]);
    expect(result.changed).toEqual([]);
  });

  it("takes no handler of the app, and the app's stay in place", async () => {
    const handled = await page.evaluate(async () => {
      const { lab } = globalThis;
      const handled: Record<string, number> = {};
      const note = (name: string) => () => void (handled[name] = (handled[name] ?? 0) + 1);
      const monitor = lab.start();
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const a = new RTCPeerConnection();
      const b = new RTCPeerConnection();
      const handlers = [
        "onconnectionstatechange",
        "onicecandidate",
        "ontrack",
        "ondatachannel",
        "onnegotiationneeded",
      ];
      const taken = handlers.filter((name) => Reflect.get(a, name) !== null);
      a.onconnectionstatechange = note("connectionstatechange");
      a.onicecandidate = note("icecandidate");
      a.onnegotiationneeded = note("negotiationneeded");
      b.ontrack = note("track");
      b.ondatachannel = note("datachannel");
      a.createDataChannel("chat");
      await lab.pause(100);
      await lab.connect(a, b, stream);
      await lab.pause(500);
      const [track] = stream.getTracks();
      const trackHandlers = [track?.onended, track?.onmute, track?.onunmute].filter(
        (handler) => handler !== null,
      );
      await monitor.stop();
      const before = handled["icecandidate"];
      a.restartIce();
      await a.setLocalDescription();
      await lab.pause(500);
      return {
        names: Object.keys(handled).sort(),
        taken,
        trackHandlers,
        alive: (handled["icecandidate"] ?? 0) > (before ?? 0),
      };
    });
    expect(handled).toEqual({
      names: ["connectionstatechange", "datachannel", "icecandidate", "negotiationneeded", "track"],
      taken: [],
      trackHandlers: [],
      alive: true,
    });
  });

  it("keeps no connection alive that the app has closed and forgotten", async () => {
    const chromium = await launchChromium({ args: ["--js-flags=--expose-gc"] });
    try {
      const own = await lab.open(chromium);
      const alive = await own.evaluate(async () => {
        const monitor = globalThis.lab.start();
        const forgotten: WeakRef<RTCPeerConnection>[] = [];
        for (let count = 0; count < 50; count += 1) {
          const pc = new RTCPeerConnection();
          pc.createDataChannel("label");
          pc.addTransceiver("audio");
          await pc.setLocalDescription();
          pc.close();
          forgotten.push(new WeakRef(pc));
        }
        const collect = Reflect.get(globalThis, "gc") as () => void;
        const left = (): number => forgotten.filter((connection) => connection.deref()).length;
        // The last one may still be on the stack, and the browser lets go when its own threads have.
        for (let round = 0; round < 50 && left() > 1; round += 1) {
          await globalThis.lab.pause(100);
          collect();
        }
        const alive = left();
        await monitor.stop();
        return alive;
      });
      expect(alive).toBeLessThanOrEqual(1);
    } finally {
      await chromium.close();
    }
  });

  it("does nothing to a page whose server refuses it or does not exist", async () => {
    const status = await page.evaluate(async () => {
      const { lab } = globalThis;
      const monitors = [
        lab.start({ url: "http://localhost:1" }),
        lab.startOther({ url: "http://:nonsense:" }),
      ];
      const pc = new RTCPeerConnection();
      pc.createDataChannel("works");
      await lab.pause(800);
      const before = performance.now();
      await Promise.all(monitors.map((monitor) => monitor.stop()));
      return {
        stoppedInMs: performance.now() - before,
        connected: monitors.map((monitor) => monitor.status().connected),
      };
    });
    expect(status.connected).toEqual([false, false]);
    expect(status.stoppedInMs).toBeLessThan(4_000);
  });
});
