/**
 * What is around the call: devices, elements that play it, machine, network, life of the page. Nothing of it is needed in the first
 * moment, so this is a file of its own that is loaded when the SDK runs. It imports nothing of the main file but types:
 * one that did would load it a second time in a page that asks for it under another address.
 */
import type { Platform } from "../platform.ts";
import type { Recorder } from "../recorder.ts";
import type { TellCall } from "./api-calls.ts";
import { watchAudioContexts } from "./audio-contexts.ts";
import type { Listen } from "./connection.ts";
import { watchDevices } from "./devices.ts";
import { describeMachine } from "./machine.ts";
import { watchMainThread } from "./main-thread.ts";
import { watchMediaElements } from "./media-elements.ts";
import { watchNetwork, watchPageLife, watchPower } from "./page-life.ts";
import type { Wrapper } from "./wrap.ts";

/** What the SDK lends to its parts. */
export interface Kit {
  readonly platform: Platform;
  readonly recorder: Recorder;
  readonly wrapper: Wrapper;
  readonly listen: Listen;
  readonly tellCall: TellCall;
  /** Aborted when the SDK stops. */
  readonly signal: AbortSignal;
  /** Makes the hashes of one project different from those of another. */
  readonly salt: string;
  /** Hears that the app got camera, microphone or screen. */
  onCapture?: () => void;
}

/** Begins to watch. Each part stands for itself: one that fails does not stop the others. */
export function watchSurroundings(kit: Kit): void {
  const { attempt, context } = kit.recorder;
  attempt("machine", () => context(describeMachine(navigator, context)));
  const devices = attempt("devices", () => watchDevices(kit));
  const describeSink = (sink: unknown): unknown => devices?.describeSink(sink);
  attempt("media-elements", () => watchMediaElements(kit, describeSink));
  attempt("audio-contexts", () => watchAudioContexts(kit, describeSink));
  attempt("main-thread", () => watchMainThread(kit));
  attempt("power", () => watchPower(kit));
  attempt("network", () => watchNetwork(kit));
  attempt("page-life", () => watchPageLife(kit));
}
