import type { Kit } from "./surroundings.ts";

/** An element that plays a MediaStream, or did. */
interface SeenElement {
  readonly id: string;
  /** CSS pixels, told by the browser: reading them would make it lay out the page. */
  width: number;
  height: number;
  pausedByApp: boolean;
  stalledAt: number | undefined;
  /** State that was told last. */
  told: string;
  toldAt: number;
  /** A change waits to be told. */
  waits: boolean;
  refusedAt: number;
}

/** Changes of one element are told this often at most, in milliseconds. Ours: a window that is being resized. */
const quietMs = 1_000;
/** By which an element is found that is in the document. */
const discoveryEvents = ["loadedmetadata", "play", "playing", "resize"];
const stateEvents = ["play", "pause", "volumechange", "resize", "loadedmetadata", "emptied", "ended"];
const stallEvents = ["waiting", "stalled", "error"];

/** Watches the elements that play streams: whether they play, are heard, at what size, and what stops them. */
export function watchMediaElements(
  { platform: { now, after }, recorder: { attempt, emit }, wrapper, listen, tellCall, signal }: Kit,
  describeSink: (sink: unknown) => unknown,
): void {
  const seenElements = new WeakMap<EventTarget, SeenElement>();
  /** Each takes back a timer that would tell a change. */
  const waiting = new Set<() => void>();
  let count = 0;

  const sizes = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      const seen = seenElements.get(target);
      if (!seen) continue;
      seen.width = contentRect.width;
      seen.height = contentRect.height;
      attempt("media-elements", () => tell(target as HTMLMediaElement, seen));
    }
  });
  signal.addEventListener("abort", () => {
    sizes.disconnect();
    for (const cancel of waiting) cancel();
  });

  function tell(element: HTMLMediaElement, seen: SeenElement): void {
    if (seen.waits) return;
    const waitMs = seen.toldAt + quietMs - now();
    if (waitMs > 0) {
      seen.waits = true;
      const cancel = after(waitMs, () => {
        waiting.delete(cancel);
        seen.waits = false;
        attempt("media-elements", () => tell(element, seen));
      });
      waiting.add(cancel);
      return;
    }
    const { paused, muted, volume, srcObject } = element;
    const { videoWidth = 0, videoHeight = 0 } = element as Partial<HTMLVideoElement>;
    const state = {
      elementId: seen.id,
      tagName: element.localName,
      trackIds: tracksOf(srcObject).map(({ id }) => id),
      paused,
      pausedByApp: (paused && seen.pausedByApp) || undefined,
      muted,
      volume,
      videoWidth,
      videoHeight,
      displayWidth: Math.round(seen.width * devicePixelRatio),
      displayHeight: Math.round(seen.height * devicePixelRatio),
    };
    const text = JSON.stringify(state);
    if (text === seen.told) return;
    seen.told = text;
    seen.toldAt = now();
    emit("media-element-changed", state);
  }

  function see(target: unknown): SeenElement | undefined {
    if (!(target instanceof HTMLMediaElement)) return undefined;
    const known = seenElements.get(target);
    if (known || !tracksOf(target.srcObject).length) return known;
    const seen: SeenElement = {
      id: `el-${++count}`,
      width: 0,
      height: 0,
      pausedByApp: false,
      stalledAt: undefined,
      told: "",
      toldAt: -Infinity,
      waits: false,
      refusedAt: -Infinity,
    };
    seenElements.set(target, seen);
    for (const type of stateEvents) listen(target, type, () => tell(target, seen));
    for (const type of stallEvents) {
      listen(target, type, () => {
        if (seen.stalledAt !== undefined) return;
        seen.stalledAt = now();
        emit("media-element-stalled", { elementId: seen.id, reason: type });
      });
    }
    listen(target, "playing", () => {
      if (seen.stalledAt === undefined) return;
      emit("media-element-resumed", { elementId: seen.id, stalledMs: now() - seen.stalledAt });
      seen.stalledAt = undefined;
    });
    // Tells its size at once, and with it the first state.
    sizes.observe(target);
    return seen;
  }

  for (const type of discoveryEvents) listen(document, type, ({ target }) => see(target));
  for (const element of document.querySelectorAll("audio,video")) see(element);

  const { prototype } = HTMLMediaElement;
  // Also finds elements that are not in the document, or in a shadow tree.
  wrapper.method(prototype, "play", (element) => {
    const seen = see(element);
    if (!seen) return undefined;
    seen.pausedByApp = false;
    return (rejected, error) => {
      if (!rejected || now() - seen.refusedAt < quietMs) return;
      seen.refusedAt = now();
      const { name, message } = Object(error) as Error;
      emit("media-element-play-refused", { elementId: seen.id, error: { name, message } });
    };
  });
  wrapper.method(prototype, "pause", (element) => {
    const seen = see(element);
    if (seen) seen.pausedByApp = true;
    return undefined;
  });
  wrapper.method(prototype, "setSinkId", (element, [sink]) =>
    tellCall("setSinkId", "elementId device", [see(element)?.id, describeSink(sink)]),
  );
}

/** Not instanceof: the stream may come from a frame. */
function tracksOf(source: unknown): readonly MediaStreamTrack[] {
  const isStream = Object.prototype.toString.call(source) === "[object MediaStream]";
  return isStream ? (source as MediaStream).getTracks() : [];
}
