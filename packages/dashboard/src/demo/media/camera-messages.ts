/** What the page tells the camera worker. */
export interface CameraCommand {
  /** Given once, where the browser has MediaStreamTrackGenerator: frames are written here. */
  readonly start?: {
    readonly name: string;
    readonly hue: number;
    readonly frames: WritableStream<VideoFrame> | null;
  };
  readonly framesPerSecond?: number;
}

/** What the worker tells a page that has to draw by itself: draw the picture of this time. */
export interface CameraTick {
  readonly elapsedMs: number;
}
