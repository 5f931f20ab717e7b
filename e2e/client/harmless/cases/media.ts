/* oxlint-disable typescript/no-base-to-string, typescript/unbound-method, unicorn/prefer-add-event-listener -- the cases do what apps do, and what apps should not do */
import type { DefineCases } from "../case-tools.ts";

// Capture, tracks, elements and audio contexts.
export function mediaCases(defineCases: DefineCases): void {
  const { mediaDevices } = navigator;
  const stopAll = (stream: unknown): void => {
    for (const track of (stream as MediaStream | undefined)?.getTracks() ?? []) track.stop();
  };

  /** Whether sound can be played: without a device Firefox leaves promises of a context open. */
  let canPlay: Promise<boolean> | undefined;
  const playable = (): Promise<boolean> =>
    (canPlay ??= Promise.race([
      new AudioContext().resume().then(() => true),
      new Promise<boolean>((resolve) => setTimeout(resolve, 1_000, false)),
    ]));

  defineCases("capture", {
    "getUserMedia that gives a stream": async ({ attempt, log }) => {
      for (const constraints of [{ audio: true }, { video: true }, { audio: true, video: { width: 320 } }])
        stopAll(await attempt(JSON.stringify(constraints), () => mediaDevices.getUserMedia(constraints)));
      log(mediaDevices instanceof MediaDevices, Object.keys(mediaDevices).join());
    },
    "getUserMedia that is refused": async ({ attempt, log }) => {
      const refused: unknown[] = [
        {},
        { audio: false, video: false },
        { audio: { deviceId: { exact: "nowhere" } } },
        { video: { width: { min: 100_000 } } },
        { audio: "text" },
      ];
      for (const constraints of refused)
        await mediaDevices.getUserMedia(constraints as MediaStreamConstraints).then(
          (stream) => {
            log(JSON.stringify(constraints), "resolved");
            stopAll(stream);
          },
          (error: unknown) =>
            log(JSON.stringify(constraints), error, Reflect.get(error as object, "constraint")),
        );
      await attempt("through another object", () =>
        Reflect.apply(mediaDevices.getUserMedia, {}, [{ audio: true }]),
      );
    },
    "getDisplayMedia without a gesture": async ({ attempt }) => {
      stopAll(await attempt("getDisplayMedia", () => mediaDevices.getDisplayMedia({ video: true })));
    },
    enumerateDevices: async ({ log }) => {
      const devices = await mediaDevices.enumerateDevices();
      log(
        Array.isArray(devices),
        devices
          .map(({ kind }) => kind)
          .sort()
          .join(),
      );
      for (const device of devices.slice(0, 1))
        log(device.constructor.name, Object.keys(device.toJSON() as object).join());
    },
    ondevicechange: ({ log }) => {
      log(mediaDevices.ondevicechange);
      const handler = (): void => log("devicechange");
      mediaDevices.ondevicechange = handler;
      log(mediaDevices.ondevicechange === handler);
      mediaDevices.dispatchEvent(new Event("devicechange"));
      mediaDevices.ondevicechange = null;
    },
    "the promises of two calls are two": async ({ log }) => {
      const [one, two] = [
        mediaDevices.getUserMedia({ audio: true }),
        mediaDevices.getUserMedia({ audio: true }),
      ];
      log(one === two, Object.prototype.toString.call(one), one.constructor === Promise);
      const [first, second] = await Promise.all([one, two]);
      log(first === second);
      stopAll(first);
      stopAll(second);
    },
    permissions: async ({ attempt, log }) => {
      for (const name of ["camera", "microphone", "nonsense"]) {
        const status = await attempt(name, () =>
          navigator.permissions.query({ name: name as PermissionName }),
        );
        log(Reflect.get(Object(status), "onchange"));
      }
    },
  });

  defineCases("tracks", {
    "stop, clone and end": async ({ log, track, pause }) => {
      const one = await track();
      const two = one.clone();
      one.onended = () => log("ended");
      log(one.stop(), one.readyState, two.readyState, one.stop());
      two.stop();
      await pause(20);
    },
    "enabled and contentHint": async ({ attempt, log, track }) => {
      const one = await track("video");
      log(one.enabled, one.contentHint, one.muted);
      one.enabled = false;
      log(one.enabled);
      Reflect.set(one, "enabled", "text");
      log(one.enabled);
      for (const hint of ["motion", "detail", "nonsense", ""]) {
        one.contentHint = hint;
        log(one.contentHint);
      }
      await attempt("frozen", () => {
        one.enabled = true;
        return Object.hasOwn(one, "enabled");
      });
    },
    applyConstraints: async ({ attempt, track }) => {
      const one = await track("video");
      await attempt("none", () => one.applyConstraints());
      await attempt("smaller", () => one.applyConstraints({ width: 320, height: 240 }));
      await attempt("impossible", () => one.applyConstraints({ width: { exact: 100_000 } }));
      await attempt("wrong", () => Reflect.apply(one.applyConstraints, one, ["text"]));
      await attempt("get", () => one.getConstraints());
      one.stop();
      await attempt("ended", () => one.applyConstraints({ width: 320 }));
    },
    handlers: async ({ log, track }) => {
      const one = await track();
      for (const name of ["onended", "onmute", "onunmute"]) {
        log(Reflect.get(one, name));
        const handler = (event: Event): void => log(name, event.type);
        Reflect.set(one, name, handler);
        log(Reflect.get(one, name) === handler);
        one.dispatchEvent(new Event(name.slice(2)));
      }
    },
    "of a canvas, of an audio graph": async ({ log, pc }) => {
      const canvas = document.createElement("canvas");
      canvas.getContext("2d");
      const [drawn] = canvas.captureStream(1).getTracks();
      const context = new AudioContext();
      const [played] = context.createMediaStreamDestination().stream.getTracks();
      const connection = pc();
      for (const track of [drawn, played]) if (track) log(track, connection.addTrack(track).track === track);
      drawn?.stop();
      void context.close();
    },
  });

  defineCases("elements", {
    "play, pause and srcObject": async ({ attempt, log, track }) => {
      const element = document.createElement("video");
      const stream = new MediaStream([await track("video")]);
      element.muted = true;
      element.srcObject = stream;
      log(element.srcObject === stream, element.paused, element.onplay, element.onwaiting, element.onstalled);
      await attempt("play", () => element.play());
      log(element.paused, Object.keys(element).length, Reflect.ownKeys(element).length);
      await attempt("pause", () => element.pause());
      element.srcObject = null;
      await attempt("wrong", () => Reflect.set(element, "srcObject", {}));
    },
    "play that has nothing to play": async ({ log }) => {
      const audio = document.createElement("audio");
      audio.src = "data:audio/wav;base64,nonsense";
      await audio.play().then(
        () => log("plays"),
        (error: unknown) => log((error as Error).name),
      );
      log(audio.error?.code, audio.paused);
    },
    "play that is interrupted": async ({ log, track }) => {
      const element = document.createElement("video");
      element.muted = true;
      element.srcObject = new MediaStream([await track("video")]);
      const playing = element.play();
      element.pause();
      await playing.then(
        () => log("plays"),
        (error: unknown) => log((error as Error).name),
      );
    },
    setSinkId: async ({ attempt, log }) => {
      const audio = document.createElement("audio");
      log(audio.sinkId);
      await attempt("default", () => audio.setSinkId(""));
      await attempt("nowhere", () => audio.setSinkId("nowhere"));
      await attempt("missing", () => Reflect.apply(audio.setSinkId, audio, []));
    },
    "an element made by its constructor, and a subclass": ({ log }) => {
      const audio = new Audio();
      log(audio instanceof HTMLAudioElement, audio.constructor.name, Audio.name, Audio.length);
      log(Object.getPrototypeOf(audio) === Audio.prototype, String(audio));
    },
    "the events of a video that plays": async ({ log, track, pause, until }) => {
      const element = document.createElement("video");
      element.muted = true;
      const seen = new Set<string>();
      for (const type of ["loadedmetadata", "playing", "resize", "pause", "emptied"])
        element.addEventListener(type, () => seen.add(type));
      element.srcObject = new MediaStream([await track("video")]);
      await element.play();
      await until(() => seen.has("playing"));
      element.pause();
      await pause(20);
      log([...seen].sort().join());
    },
  });

  defineCases("audio contexts", {
    "constructor and its options": async ({ attempt, log }) => {
      for (const options of [
        undefined,
        {},
        { latencyHint: "playback" },
        { sampleRate: 48_000 },
        { sampleRate: 1 },
        { latencyHint: "nonsense" },
      ]) {
        const context = await attempt(JSON.stringify(options) ?? "none", () =>
          Reflect.construct(AudioContext, [options]),
        );
        if (context instanceof AudioContext) {
          log(
            context.sampleRate > 0,
            context.constructor === AudioContext,
            Reflect.ownKeys(context).length,
            context.onstatechange,
          );
          void context.close();
        }
      }
      await attempt("without new", () => Reflect.apply(AudioContext, undefined, []));
    },
    "a subclass": async ({ log }) => {
      class Mixer extends AudioContext {
        readonly mine: boolean = true;
        override async resume(): Promise<void> {
          log("resume");
          await super.resume();
        }
      }
      const mixer = new Mixer();
      log(
        mixer instanceof Mixer,
        mixer instanceof AudioContext,
        mixer instanceof BaseAudioContext,
        mixer.mine,
        Mixer.name,
      );
      const resumed = mixer.resume();
      if (await playable()) await resumed;
      void mixer.close();
    },
    "states and their events": async ({ attempt, attemptNow, log, pause }) => {
      const context = new AudioContext();
      if (!(await playable())) {
        for (const name of ["suspend", "resume", "close"] as const) attemptNow(name, () => context[name]());
        return;
      }
      await context.resume();
      context.onstatechange = () => log("statechange", context.state);
      await attempt("suspend", () => context.suspend());
      await attempt("resume", () => context.resume());
      await attempt("close", () => context.close());
      await attempt("close again", () => context.close());
      await attempt("resume after close", () => context.resume());
      await pause(10);
    },
  });
}
