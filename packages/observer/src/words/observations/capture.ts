import { always, device, type ObservationTexts, tense } from "../observation-texts.ts";

/** Texts of the category capture, by observation id. */
export const captureTexts: Readonly<Record<string, ObservationTexts>> = {
  "capture-track-ended": {
    title: (f) => `The ${device(f)} stopped by itself`,
    sentence: (f) =>
      `This person's ${device(f)} stopped${f.when}, and the app had not switched it off: others ${tense(f, "got", "get")} nothing from it.`,
    measured: "`readyState` of the local track became `ended` without a call of `stop()`.",
    support: always("Plug the device in again, or choose it or another one in the settings of the call."),
    developer: always("Handle the track's `ended` event and offer another device."),
  },
  "capture-muted-by-system": {
    title: (f) => `The system muted the ${device(f)}`,
    sentence: (f) =>
      `This person's ${device(f)} ${tense(f, "was", "is")} switched on in the app${f.when}, but the browser or the system ${tense(f, "muted", "mutes")} it.`,
    measured: "`muted` of the local track while `enabled` was true.",
    support: always(
      "End a phone call on the same device, bring the page to the front, and look for a switch on the headset, laptop or camera.",
    ),
    developer: always("Show the track's `mute` and `unmute` events in the user interface."),
  },
  "microphone-silent": {
    title: always("Microphone was on but delivered no sound"),
    sentence: (f) =>
      `This person's microphone ${tense(f, "was", "is")} on and not muted${f.when}, yet no sound ${tense(f, "came", "comes")} from it.`,
    measured:
      "`totalAudioEnergy` of the audio `media-source` stood still while the track was live and enabled.",
    support: always(
      "Another microphone may be selected, or the headset's own mute is on. Speak and watch the level meter.",
    ),
    developer: always("Show a level meter beside the device picker."),
  },
  "microphone-too-quiet": {
    title: always("Microphone was hardly audible"),
    sentence: (f) =>
      `What this person's microphone picked up ${tense(f, "was", "is")} very quiet${f.when}; if this person spoke, others hardly heard it.`,
    measured:
      "Growth of `totalAudioEnergy` of the audio `media-source`, in the steps that had a sound in them.",
    support: always("Move closer to the microphone, or raise its level in the system's sound settings."),
    developer: always("Ask for `autoGainControl`, and show a level meter."),
  },
  "camera-no-frames": {
    title: always("Camera was on but delivered no picture"),
    sentence: (f) =>
      `This person's camera ${tense(f, "was", "is")} on${f.when}, yet no picture ${tense(f, "came", "comes")} from it.`,
    measured: "`frames` of the video `media-source` stood still while the track was live and enabled.",
    support: always(
      "Another program may use the camera: close it, or unplug the camera and plug it in again.",
    ),
    developer: always("Ask for the camera again and replace the track when no frame comes."),
  },
  "camera-low-frame-rate": {
    title: always("Camera delivered few frames"),
    sentence: (f) =>
      `This person's camera ${tense(f, "delivered", "delivers")} less than half of the frames it is set to${f.when}, so that others ${tense(f, "saw", "see")} a jerky picture.`,
    measured: "Growth of `frames` of the video `media-source` against `frameRate` of the track's settings.",
    support: always(
      "Many cameras slow down in dim light: put on a light. Close other programs that use the camera.",
    ),
    developer: always("Ask the camera for a lower resolution."),
  },
  "echo-likely": {
    title: always("Others may have heard an echo"),
    sentence: (f) =>
      `The sound of the loudspeaker ${tense(f, "came", "comes")} back through this person's microphone${f.when}; others may hear themselves.`,
    measured:
      "`echoReturnLossEnhancement` of the audio `media-source`, and its level compared with that of `inbound-rtp`.",
    support: always("Use a headset, or turn the loudspeaker down and move it away from the microphone."),
    developer: always("Check that `echoCancellation` is on for this microphone."),
  },
  "audio-processing-off": {
    title: always("Audio processing is switched off"),
    sentence: (f) =>
      `Echo cancellation, noise suppression or automatic gain ${tense(f, "was", "is")} off for this person's microphone${f.when}.`,
    measured: "`getSettings()` of the local audio track.",
    support: always("Nothing to do if this is meant, for music for instance."),
    developer: always("Check that the constraints of getUserMedia say what is meant."),
  },
  "device-changed": {
    title: always("A device was plugged in or unplugged"),
    sentence: (f) => `A microphone, camera or loudspeaker of this person came or went${f.when}.`,
    measured: "The `devicechange` event, and `enumerateDevices()` before and after it.",
    support: always("Nothing to do, unless sound or picture stopped at that time."),
    developer: always("Follow `devicechange`, and tell the user which device is in use."),
  },
};
