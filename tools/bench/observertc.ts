import type { ClientSample } from "@observertc/samples-json-codec";
import type { SampleRecord } from "@peerscope/schema";
import { bundleForPage } from "./bundle.ts";

/** As far as it is used here. */
interface Monitor {
  addSource(source: object, type: string): void;
  collect(): Promise<unknown>;
  createSample(): ClientSample | undefined;
  close(): void;
}

type MonitorConstructor = new (config: Readonly<Record<string, unknown>>) => Monitor;

const userAgent =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";

let loading: Promise<{ ClientMonitor: MonitorConstructor }> | undefined;

/** The package is written for bundlers: its imports lack what Node needs. */
function loadMonitor(): Promise<{ ClientMonitor: MonitorConstructor }> {
  loading ??= bundleForPage('export { ClientMonitor } from "@observertc/client-monitor-js";').then(
    async ({ code }) =>
      (await import(`data:text/javascript;base64,${Buffer.from(code).toString("base64")}`)) as {
        ClientMonitor: MonitorConstructor;
      },
  );
  return loading;
}

/**
 * What client-monitor-js makes of recorded reports, collected and sampled each time when they were: one ClientSample a round.
 * Its clock is that of the recording.
 */
export async function createClientSamples(
  rounds: readonly (readonly SampleRecord[])[],
): Promise<ClientSample[]> {
  const { ClientMonitor } = await loadMonitor();
  const { now } = Date;
  const samples: ClientSample[] = [];
  try {
    Date.now = () => Math.round(rounds[0]?.[0]?.at ?? 0);
    // It asks for the browser, and Node 20 has no navigator.
    if (!("navigator" in globalThis)) Object.assign(globalThis, { navigator: { userAgent } });
    const monitor = new ClientMonitor({
      clientId: "client",
      callId: "call",
      collectingPeriodInMs: 0,
      samplingPeriodInMs: 0,
      integrateNavigatorMediaDevices: false,
    });
    const reports = new Map<string, ReadonlyMap<string, unknown>>();
    for (const round of rounds) {
      for (const { connectionId, stats, at } of round) {
        Date.now = () => Math.round(at);
        const isNew = !reports.has(connectionId);
        reports.set(connectionId, new Map(stats.map((object) => [object.id, structuredClone(object)])));
        if (isNew)
          monitor.addSource(
            createConnection(() => reports.get(connectionId)),
            "RTCPeerConnection",
          );
      }
      await monitor.collect();
      const sample = monitor.createSample();
      // It goes on changing the objects it gave away.
      if (sample) samples.push(structuredClone(sample));
    }
    monitor.close();
  } finally {
    Date.now = now;
  }
  return samples;
}

function createConnection(report: () => unknown): object {
  const states = {
    connectionState: "connected",
    iceConnectionState: "connected",
    iceGatheringState: "complete",
    signalingState: "stable",
  };
  return Object.assign(new EventTarget(), states, {
    getStats: async () => report(),
    getSenders: () => [],
    getReceivers: () => [],
    getTransceivers: () => [],
  });
}
