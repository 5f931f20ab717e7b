/** How loud speech is, from the steps that were not loud. */
export interface QuietSpeech {
  /** Unix ms of the first of them. */
  readonly since: number;
  /** Seconds with a sound in them, and the sum of their energy: the square of the RMS times the seconds. */
  activeSeconds: number;
  activeEnergy: number;
  /** Seconds of next to no sound: pauses tell speech from the noise of a room. */
  pauseSeconds: number;
  /** Seconds that were loud since it was found too quiet. */
  loudSeconds: number;
  /** It was found too quiet. */
  found: boolean;
}
