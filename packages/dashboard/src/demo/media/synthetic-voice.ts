/** A microphone that needs no device: a voice-like sound in sentences with pauses. */
export interface SyntheticVoice {
  readonly track: MediaStreamTrack;
  /** True while the browser holds the sound back until the visitor touches the page. */
  blocked(): boolean;
  /** The microphone stays live and unmuted but delivers exact zeros, like a muted headset. */
  setSilent(silent: boolean): void;
  stop(): void;
}

/** `pitchHz` tells two voices apart. */
export function createSyntheticVoice(pitchHz: number): SyntheticVoice {
  const context = new AudioContext();
  const source = context.createBufferSource();
  source.buffer = speechLikeLoop(context, pitchHz);
  source.loop = true;
  const gain = context.createGain();
  const destination = context.createMediaStreamDestination();
  source.connect(gain).connect(destination);
  source.start();
  const [track] = destination.stream.getAudioTracks();
  if (track === undefined) throw new Error("This browser cannot make an audio track.");

  const resume = (): void => void context.resume();
  // Browsers start an AudioContext only after a gesture; a call started by a URL has none yet.
  addEventListener("pointerdown", resume);
  addEventListener("keydown", resume);
  resume();
  return {
    track,
    blocked: () => context.state === "suspended",
    setSilent(silent) {
      gain.gain.value = silent ? 0 : 1;
    },
    stop() {
      removeEventListener("pointerdown", resume);
      removeEventListener("keydown", resume);
      track.stop();
      void context.close();
    },
  };
}

/** Five seconds: four of syllables (a gliding harmonic tone, about four a second), then a pause. */
function speechLikeLoop(context: BaseAudioContext, pitchHz: number): AudioBuffer {
  const rate = context.sampleRate;
  const buffer = context.createBuffer(1, rate * 5, rate);
  const samples = buffer.getChannelData(0);
  let phase = 0;
  for (let index = 0; index < rate * 4; index += 1) {
    const seconds = index / rate;
    const pitch = pitchHz * (1 + 0.12 * Math.sin(seconds * 2.3) - 0.04 * seconds);
    phase += (2 * Math.PI * pitch) / rate;
    const syllable = Math.max(0, Math.sin(Math.PI * ((seconds * 4.1) % 1))) ** 2;
    const sentence = Math.min(1, seconds * 4, (4 - seconds) * 4);
    // Harmonics around two moving formants make a vowel of the tone.
    let value = 0;
    for (let harmonic = 1; harmonic <= 12; harmonic += 1) {
      const frequency = harmonic * pitch;
      const first = 450 + 200 * Math.sin(seconds * 5.1);
      const second = 1500 + 500 * Math.sin(seconds * 3.7);
      const weight =
        1 / (1 + ((frequency - first) / 180) ** 2) + 0.5 / (1 + ((frequency - second) / 260) ** 2);
      value += weight * Math.sin(harmonic * phase);
    }
    samples[index] = 0.16 * value * syllable * sentence;
  }
  return buffer;
}
