/** What the page tells the worker that drops encoded frames. */
export interface DropperCommand {
  readonly drop?: { readonly kind: "audio" | "video"; readonly share: number };
  /** Only for browsers without RTCRtpScriptTransform. */
  readonly streams?: {
    readonly kind: "audio" | "video";
    readonly readable: ReadableStream;
    readonly writable: WritableStream;
  };
}
