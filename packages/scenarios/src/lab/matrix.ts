import type { FaultDomain } from "@peerscope/schema";
import type { CallExpectation, Expectation, TruthEntry } from "../recorded/truth-file.ts";
import type { LabPage, LabPicture } from "./lab-page.ts";
import type { LinkSettings } from "./link.ts";
import type { Scenario, Step } from "./scenarios.ts";

/** A scenario of the matrix, with what an analysis of its recording must say. */
export interface JudgedScenario extends Scenario {
  readonly truth: TruthEntry;
}

type Browser = "chromium" | "firefox";
type Direction = "uplink" | "downlink" | "both";

/** Seconds of an impaired call: clean, harmed, and long enough afterwards to see what clears within 15 s. */
const harmed = { from: 10, to: 30, seconds: 47 } as const;
const starved = { from: 20, to: 48, seconds: 64 } as const;

const moving: LabPicture = { motion: "noise", width: 640, height: 360, frameRate: 25, isScreen: false };
const screen: LabPicture = { motion: "still", width: 1280, height: 720, frameRate: 15, isScreen: true };
const audioOnly: MediaStreamConstraints = { audio: true };

const bothEnds: readonly FaultDomain[] = ["publisher-uplink", "receiver-downlink"];
const networkWords = { uplink: "up", downlink: "down", both: "both" } as const;

function expectation(
  causes: readonly (string | null)[],
  domains: readonly FaultDomain[] = ["unknown"],
  alternatives: readonly FaultDomain[] = [],
): Expectation {
  return { causes, domains, alternatives, observations: [], needsEvents: false };
}

/** Between two people a path and its direction can be known; which end of it cannot. */
function onThePath(causes: readonly (string | null)[]): Expectation {
  return expectation(causes, ["unknown"], bothEnds);
}

/** Somebody who suffers from the other side, and may say so or nothing. */
const suffers = expectation([
  null,
  "downlink-outage",
  "downlink-loss",
  "downlink-jitter",
  "downlink-loss-burst",
]);

function truth(
  seconds: number,
  impairment: TruthEntry["impairments"][number] | null,
  expect: { readonly a: Expectation; readonly b: Expectation; readonly call: CallExpectation } | null,
): TruthEntry {
  return {
    seconds,
    impairments: impairment === null ? [] : [impairment],
    healthy: expect === null,
    isTimed: true,
    expect: expect === null ? {} : { a: expect.a, b: expect.b },
    expectCall: expect?.call,
  };
}

/** What is harmed on the way from the sender to the receiver, told from both sides. */
function told(
  direction: Direction,
  sent: readonly string[],
  received: readonly string[],
  /** null in it: that nothing is stated is right too. */
  or: readonly null[] = [],
): { a: Expectation; b: Expectation; call: CallExpectation } {
  const all = [...sent, ...received, ...or];
  const ofA = { uplink: [...sent, ...or], downlink: [...received, ...or], both: all }[direction];
  const ofB = { uplink: [...received, ...or], downlink: [...sent, ...or], both: all }[direction];
  const path = {
    uplink: { sender: "a", receiver: "b" },
    downlink: { sender: "b", receiver: "a" },
    both: {},
  }[direction];
  return { a: onThePath(ofA), b: onThePath(ofB), call: { ...onThePath(all), path } };
}

function network(
  direction: Direction,
  settings: LinkSettings,
  times: { readonly from: number; readonly to: number; readonly seconds: number },
): { readonly steps: readonly Step[]; readonly impairment: TruthEntry["impairments"][number] } {
  const { from, to } = times;
  return {
    steps: [
      { at: from, label: "impair", impair: direction, peer: "a", settings },
      { at: to, label: "restore", restore: true },
    ],
    impairment: { peer: "a", action: "network-impaired", direction, from, to, settings: { ...settings } },
  };
}

function impaired(browser: Browser): [string, JudgedScenario][] {
  const entries: [string, JudgedScenario][] = [];
  const add = (
    name: string,
    direction: Direction,
    settings: LinkSettings,
    expect: NonNullable<Parameters<typeof truth>[2]>,
    more: Partial<Scenario> & {
      readonly after?: readonly Step[];
      readonly times?: typeof harmed | { from: number; to: number; seconds: number };
    } = {},
  ): void => {
    const { times = harmed, after = [], ...scenario } = more;
    const { steps, impairment } = network(direction, settings, times);
    entries.push([
      `${browser}-${name}`,
      {
        browser,
        seconds: times.seconds,
        steps: [...steps, ...after],
        ...scenario,
        truth: truth(times.seconds, impairment, expect),
      },
    ]);
  };
  for (const direction of ["uplink", "downlink", "both"] as const)
    for (const percent of [3, 5, 20])
      add(
        `loss-${percent}-${networkWords[direction]}`,
        direction,
        { lossRatio: percent / 100 },
        told(direction, ["uplink-loss"], ["downlink-loss"]),
      );
  for (const direction of ["uplink", "downlink"] as const) {
    for (const ms of [40, 150]) {
      // Of 40 ms, reported jitter stays below the 30 ms from which it is called high: overtaken packets are not in it.
      const or = ms < 100 ? [null] : [];
      add(
        `jitter-${ms}-${networkWords[direction]}`,
        direction,
        { delayMs: ms, jitterMs: ms, reordering: true },
        told(direction, ["uplink-jitter"], ["downlink-jitter"], or),
      );
    }
    for (const rateKbps of [80, 300, 600]) {
      // Firefox reports neither an estimate nor a limit: what the full queue does to packets is all that it shows.
      const causes = ["uplink-bandwidth-limited", "uplink-bufferbloat"];
      const seen = browser === "firefox" ? [...causes, "uplink-loss", "uplink-jitter"] : causes;
      const { a, b, call } = told(direction, seen, []);
      const suffering = direction === "uplink" ? { a, b: suffers } : { a: suffers, b };
      add(
        `cap-${rateKbps}-${networkWords[direction]}`,
        direction,
        { rateKbps, queueMs: 400 },
        { ...suffering, call },
        rateKbps === 80 && browser === "chromium" ? {} : { picture: moving },
      );
    }
  }
  for (const seconds of [2, 5, 20]) {
    const causes = [
      "downlink-outage",
      "uplink-outage",
      "ice-disconnected",
      "ice-failed-midcall",
      "transport-stalled",
    ];
    add(`outage-${seconds}s`, "both", { outage: true }, told("both", causes, []), {
      times: { from: 10, to: 10 + seconds, seconds: 28 + seconds },
      // A browser gives up after 15 s; an app that goes on restarts ICE.
      ...(seconds < 15
        ? {}
        : { after: [inPage(11 + seconds, "ICE restart", (lab) => lab.restartIce(), "b")] }),
    });
  }
  for (const ms of [250, 800]) {
    // 300 ms is where a round trip begins to be long.
    const long = expectation(ms < 300 ? ["high-rtt", null] : ["high-rtt"]);
    add(`rtt-${ms}`, "both", { delayMs: ms / 2 }, { a: long, b: long, call: { ...long, path: {} } });
  }
  const burst = { sent: ["uplink-loss"], received: ["downlink-loss", "downlink-loss-burst"] };
  add(
    "burst-5x12-up",
    "uplink",
    { lossRatio: 0.05, burstPackets: 12 },
    told("uplink", burst.sent, burst.received),
  );
  add(
    "burst-10x5-down",
    "downlink",
    { lossRatio: 0.1, burstPackets: 5 },
    told("downlink", burst.sent, burst.received),
  );
  if (browser === "chromium") entries.push(...overServers());
  for (const percent of [15, 30]) entries.push(starving(browser, percent / 100));
  return entries;
}

function starving(browser: Browser, cpuShare: number): [string, JudgedScenario] {
  const { from, to, seconds } = starved;
  // With a third of a core the encoder still keeps up, nearly, and what comes in is decoded too late: the same device.
  const decodes = cpuShare >= 0.3;
  const device = expectation(
    [
      "encoder-overloaded",
      "cpu-limited-encoding",
      "system-pressure",
      "main-thread-blocked",
      ...(decodes ? ["decoder-overloaded"] : []),
    ],
    decodes ? ["publisher-device", "receiver-device"] : ["publisher-device"],
  );
  const innocent = expectation([null], ["unknown", "remote"]);
  return [
    `${browser}-cpu-${cpuShare * 100}`,
    {
      browser,
      seconds,
      constraints: { audio: true, video: { width: 1280, height: 720, frameRate: 30 } },
      videoCodec: browser === "firefox" ? "VP8" : "VP9",
      steps: [
        { at: from, label: "limit", peer: "a", cpuShare },
        { at: to, label: "unlimit", peer: "a", cpuShare: null },
      ],
      truth: truth(
        seconds,
        { peer: "a", action: "cpu-limited", direction: null, from, to, settings: { cpuShare } },
        { a: device, b: innocent, call: { ...device, path: {} } },
      ),
    },
  ];
}

const inPage = (
  at: number,
  label: string,
  page: (lab: LabPage) => void | Promise<void>,
  peer = "a",
): Step => ({
  at,
  label,
  peer,
  page,
});

/** Calls over a TURN server, and over a media server, which tells one participant's own link from the others'. */
function overServers(): [string, JudgedScenario][] {
  const relayed = network("both", { lossRatio: 0.05 }, harmed);
  const entries: [string, JudgedScenario][] = [
    [
      "chromium-turn-loss-5",
      {
        over: "turn",
        seconds: harmed.seconds,
        steps: relayed.steps,
        truth: truth(harmed.seconds, relayed.impairment, told("both", ["uplink-loss"], ["downlink-loss"])),
      },
    ],
  ];
  const times = { from: 16, to: 36, seconds: 53 };
  const served = (
    name: string,
    direction: "uplink" | "downlink",
    settings: LinkSettings,
    causes: readonly string[],
  ): void => {
    const { steps, impairment } = network(direction, settings, times);
    const isUp = direction === "uplink";
    const domain: FaultDomain = isUp ? "publisher-uplink" : "receiver-downlink";
    // Of what comes in, one side alone does not know whether it was lost before the server or after it.
    const a = expectation(causes, isUp ? [domain] : [domain, "unknown"]);
    // What never reached the server is missing in what it sends on.
    const other = isUp
      ? { ...suffers, domains: ["unknown", "remote"] as const }
      : expectation([null], ["unknown", "remote"]);
    const call = { ...expectation(causes, [domain]), path: isUp ? { sender: "a" } : { receiver: "a" } };
    const judged = truth(times.seconds, impairment, { a, b: other, call });
    entries.push([
      `chromium-sfu-${name}`,
      {
        over: "sfu",
        seconds: times.seconds,
        steps,
        truth: { ...judged, expect: { ...judged.expect, c: other } },
      },
    ]);
  };
  served("loss-8-up", "uplink", { lossRatio: 0.08 }, ["uplink-loss"]);
  served("loss-8-down", "downlink", { lossRatio: 0.08 }, ["downlink-loss"]);
  served("cap-300-down", "downlink", { rateKbps: 300, queueMs: 400 }, [
    "downlink-loss",
    "downlink-jitter",
    "downlink-loss-burst",
  ]);
  return entries;
}

/** Calls in which nothing is wrong, whatever people do in them. */
function healthy(): [string, JudgedScenario][] {
  const calls: readonly (readonly [string, number, Omit<Scenario, "seconds" | "steps">, readonly Step[]])[] =
    [
      ["plain", 100, {}, []],
      ["motion", 80, { picture: moving }, []],
      ["dtx", 110, { constraints: audioOnly, silenceSuppressed: true }, []],
      ["audio-only", 100, { constraints: audioOnly }, []],
      ["turn", 60, { over: "turn" }, []],
      ["sfu", 60, { over: "sfu" }, []],
      [
        "simulcast-layers",
        105,
        { over: "sfu" },
        [20, 65].flatMap((at) => [
          inPage(at, "large layer off", (lab) => lab.setLargeLayer(false)),
          inPage(at + 20, "large layer on", (lab) => lab.setLargeLayer(true)),
        ]),
      ],
      ["screen-still", 100, { picture: screen }, []],
      ["screen-moving", 90, { picture: { ...screen, motion: "scroll" } }, []],
      [
        "muted-mic",
        85,
        {},
        [15, 50].flatMap((at) => [
          inPage(at, "microphone muted", (lab) => lab.enableMicrophone(false)),
          inPage(at + 18, "microphone unmuted", (lab) => lab.enableMicrophone(true)),
        ]),
      ],
      [
        "camera-off-on",
        90,
        {},
        [
          inPage(15, "camera disabled", (lab) => lab.enableCamera(false)),
          inPage(35, "camera enabled", (lab) => lab.enableCamera(true)),
          inPage(50, "camera stopped", (lab) => lab.stopCamera()),
          inPage(68, "camera started", (lab) => lab.startCamera()),
        ],
      ],
      [
        "replace-track",
        95,
        {},
        [
          inPage(20, "screen instead of camera", (lab) => lab.replaceVideo("screen")),
          inPage(50, "camera again", (lab) => lab.replaceVideo("camera")),
          inPage(65, "nothing", (lab) => lab.replaceVideo(null)),
          inPage(80, "camera again", (lab) => lab.replaceVideo("camera")),
        ],
      ],
      ["device-change", 85, {}, [20, 55].map((at) => inPage(at, "headset", (lab) => lab.changeMicrophone()))],
      [
        "ice-restart",
        80,
        {},
        [25, 55].map((at) => inPage(at, "ICE restart", (lab) => lab.restartIce(), "b")),
      ],
      [
        "renegotiation",
        90,
        {},
        [
          inPage(20, "screen shared", (lab) => lab.shareScreen(true), "b"),
          inPage(60, "screen no longer shared", (lab) => lab.shareScreen(false), "b"),
        ],
      ],
      [
        "hidden-tab",
        90,
        {},
        [
          { at: 20, label: "hidden", peer: "a", visible: false },
          { at: 60, label: "shown", peer: "a", visible: true },
        ],
      ],
    ];
  const inFirefox = ["plain", "audio-only", "muted-mic", "ice-restart", "renegotiation", "screen-still"];
  return calls.flatMap(([name, seconds, scenario, steps]) => {
    const call = { ...scenario, seconds, steps, truth: truth(seconds, null, null) };
    const entries: [string, JudgedScenario][] = [[`good-${name}`, { ...call, browser: "chromium" }]];
    if (inFirefox.includes(name)) entries.push([`good-firefox-${name}`, { ...call, browser: "firefox" }]);
    return entries;
  });
}

/** Kinds of harm in several strengths and directions, and calls in which all is well; every recording can be judged. */
export const matrix: { readonly [name: string]: JudgedScenario } = Object.fromEntries([
  ...healthy(),
  ...impaired("chromium"),
  ...impaired("firefox"),
]);
