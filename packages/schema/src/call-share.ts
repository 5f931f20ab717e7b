/** Times without a packet of a stream, of at least five seconds. */
export interface DrySpan {
  readonly from: number;
  readonly to: number;
  /** Of a sent stream: it was switched off, muted, ended, or a layer that is not needed; or nothing says that it should send. */
  readonly intended?: true;
}

/**
 * One stream in windows of ten seconds, oldest first. `null` where it was not measured. The windows of all sessions begin at whole
 * multiples of ten seconds since 1970, so that those of several people lie beside each other.
 */
export interface StreamWindows {
  readonly pcId: string;
  readonly direction: "inbound" | "outbound";
  readonly kind: "audio" | "video";
  readonly ssrc: number | null;
  readonly mid: string | null;
  readonly trackId: string | null;
  /** Unix ms, start of the first window. */
  readonly from: number;
  /** Packets that arrived, or that were sent. */
  readonly packets: readonly (number | null)[];
  /** Packets that did not arrive: of a received stream as counted here, of a sent one as its far end reported. */
  readonly lost: readonly (number | null)[];
  /** Of a sent stream: packets that the reported loss is of. Empty for a received one. */
  readonly reported: readonly (number | null)[];
  /** Bytes of payload. */
  readonly bytes: readonly (number | null)[];
  /** Level of the sound, RMS from 0 to 1: of the source, or of what was played. Empty for video. */
  readonly level: readonly (number | null)[];
  readonly dry: readonly DrySpan[];
}

/** A time in which nobody could hear a person although nothing was wrong. Unix ms. */
export interface MicrophoneSpan {
  readonly from: number;
  readonly to: number;
  /** Every microphone was switched off or given back by the page, or it gave no sound and no event says why. */
  readonly reason: "switched-off" | "silent";
}

/** What the analysis of a call needs from one session. */
export interface CallShare {
  /** "server": each leg is measured on its own. "unknown" includes two browsers that talk directly. */
  readonly topology: "server" | "unknown";
  /** Unix ms: the start, and each page that went on with the session. */
  readonly joinedAt: readonly number[];
  /** Unix ms; null when it never tried, and when it never succeeded. */
  readonly attemptedAt: number | null;
  readonly connectedAt: number | null;
  /** Unix ms since when no path was left at the end, and nobody had ended it; null otherwise. */
  readonly lostAt: number | null;
  readonly streams: readonly StreamWindows[];
  /** In the order of time. Absent when there was no such time. */
  readonly microphoneOff?: readonly MicrophoneSpan[];
}
