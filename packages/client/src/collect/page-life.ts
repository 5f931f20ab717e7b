import type { EventData } from "@peerscope/schema";
import type { Loose } from "../recorder.ts";
import type { Kit } from "./surroundings.ts";

/** https://wicg.github.io/netinfo/ ; not in the DOM types. Chromium only. */
interface NetworkInformation extends EventTarget {
  readonly type?: string;
  readonly effectiveType?: string;
  readonly rtt?: number;
  readonly downlink?: number;
  readonly saveData?: boolean;
}

/** https://www.w3.org/TR/battery-status/ ; Chromium only. */
interface BatteryManager extends EventTarget {
  readonly charging: boolean;
  readonly level: number;
}

/** https://www.w3.org/TR/compute-pressure/ ; Chromium only. */
type PressureObserverConstructor = new (
  callback: (records: readonly { readonly state: string }[]) => void,
) => {
  observe(source: string, options: { readonly sampleInterval: number }): Promise<void>;
  disconnect(): void;
};

/** What these browsers have beyond the DOM types. */
interface Beyond {
  readonly connection?: NetworkInformation;
  readonly getBattery?: () => Promise<BatteryManager>;
}

/** How often the browser looks at the processor, in milliseconds. Ours. */
const pressureIntervalMs = 5_000;
/** Estimates of the network that move are told this often at most, in milliseconds. Ours. */
const estimateMs = 10_000;
/** Counts the loads of this page in this tab. */
const loadsKey = "peerscope-loads";

/** Tells only what is not what was told before. */
function createTeller<State extends object>(emit: (state: State) => void): (state: State) => void {
  let told = "";
  return (state) => {
    const text = JSON.stringify(state);
    if (text === told) return;
    told = text;
    emit(state);
  };
}

/** Watches battery and processor: a machine that saves power or is too busy is slow to encode. */
export function watchPower({ recorder: { attempt, emit }, listen, signal }: Kit): void {
  const { PressureObserver } = globalThis as { PressureObserver?: PressureObserverConstructor };
  const tellPressure = createTeller<EventData["compute-pressure-changed"]>((state) =>
    emit("compute-pressure-changed", state),
  );
  if (PressureObserver) {
    const observer = new PressureObserver((records) => {
      const state = records.at(-1)?.state;
      if (state) attempt("compute-pressure", () => tellPressure({ state }));
    });
    // Rejects where a permissions policy forbids it, and on machines that do not tell.
    observer.observe("cpu", { sampleInterval: pressureIntervalMs }).catch(() => {});
    signal.addEventListener("abort", () => observer.disconnect());
  }

  const tellBattery = createTeller<EventData["battery-changed"]>((state) => emit("battery-changed", state));
  void (navigator as Beyond).getBattery?.().then(
    (battery) => {
      const tell = (): void =>
        tellBattery({ charging: battery.charging, level: Math.round(battery.level * 10) / 10 });
      if (signal.aborted) return;
      tell();
      for (const type of ["chargingchange", "levelchange"]) listen(battery, type, tell);
    },
    () => {},
  );
}

/** Watches what the browser believes about the network. */
export function watchNetwork({
  platform: { now, after },
  recorder: { attempt, emit },
  listen,
  signal,
}: Kit): void {
  const { connection } = navigator as Beyond;
  if (!connection) return;
  const tellIfNew = createTeller<Loose<EventData["network-information-changed"]>>((state) =>
    emit("network-information-changed", state),
  );
  let told = "";
  let toldAt = -Infinity;
  let cancel: (() => void) | undefined;
  const tell = (): void => {
    const { type, effectiveType, rtt: rttMs, downlink: downlinkMbps, saveData } = connection;
    const kind = `${type} ${effectiveType}`;
    const waitMs = toldAt + estimateMs - now();
    // Another kind of network is told at once.
    if (kind === told && waitMs > 0) {
      cancel?.();
      cancel = after(waitMs, () => attempt("network", tell));
      return;
    }
    told = kind;
    toldAt = now();
    tellIfNew({ type, effectiveType, rttMs, downlinkMbps, saveData });
  };
  tell();
  listen(connection, "change", tell);
  signal.addEventListener("abort", () => cancel?.());
}

/** Watches how the browser treats the page, and says how it came to be and on what screen it is. */
export function watchPageLife({ recorder: { attempt, context, emit }, listen }: Kit): void {
  const tell = (state: string): void => emit("page-lifecycle-changed", { state });
  listen(document, "freeze", () => tell("frozen"));
  listen(document, "resume", () => tell("resumed"));
  listen(globalThis, "pageshow", (event) => (event as PageTransitionEvent).persisted && tell("restored"));
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  context({
    screenWidth: screen.width,
    screenHeight: screen.height,
    devicePixelRatio,
    navigationType: navigation?.type,
  });
  attempt("reload-count", () => {
    const reloadCount = Number(sessionStorage.getItem(loadsKey)) || 0;
    sessionStorage.setItem(loadsKey, String(reloadCount + 1));
    context({ reloadCount });
  });
}
