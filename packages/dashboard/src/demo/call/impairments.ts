/** Everything the page can do to Ana's side of the call. The initial values hurt nothing. */
export interface Impairments {
  /** Highest bitrate of the picture in kbit/s; null: no cap. */
  readonly bitrateCapKbps: number | null;
  /** Pictures a second that the camera gives. */
  readonly cameraFps: number;
  /** Share of encoded frames that never leave, 0..100. */
  readonly dropVideoPercent: number;
  readonly dropAudioPercent: number;
  /** Share of time the page's main thread is busy, 0..95. */
  readonly mainThreadLoadPercent: number;
  readonly microphoneMuted: boolean;
  readonly microphoneSilent: boolean;
  readonly cameraOff: boolean;
  readonly connectionClosed: boolean;
}

export const cameraFpsNormally = 24;

export const noImpairments: Impairments = {
  bitrateCapKbps: null,
  cameraFps: cameraFpsNormally,
  dropVideoPercent: 0,
  dropAudioPercent: 0,
  mainThreadLoadPercent: 0,
  microphoneMuted: false,
  microphoneSilent: false,
  cameraOff: false,
  connectionClosed: false,
};

/** Caps the picture a sender sends. Null takes the cap away. */
export async function capBitrate(sender: RTCRtpSender, kbps: number | null): Promise<void> {
  const parameters = sender.getParameters();
  for (const encoding of parameters.encodings) {
    if (kbps === null) delete encoding.maxBitrate;
    else encoding.maxBitrate = kbps * 1000;
  }
  await sender.setParameters(parameters);
}
