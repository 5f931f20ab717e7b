import type { Random } from "../random.ts";

/** What one direction of an access link does to packets. Left out: nothing. */
export interface LinkSettings {
  /** Share of packets lost, 0..1. */
  readonly lossRatio?: number;
  /** Mean number of packets lost in a row; more than 1 makes the loss bursty (Gilbert model). */
  readonly burstPackets?: number;
  /** Added delay. */
  readonly delayMs?: number;
  /** Uniform variation of the delay, plus and minus; the delay never falls below 0. */
  readonly jitterMs?: number;
  /** Lets the variation change the order of packets. */
  readonly reordering?: boolean;
  /** Rate of the bottleneck, in kbit/s; 0 has none. */
  readonly rateKbps?: number;
  /** Longest wait in front of the bottleneck; a packet that would wait longer is dropped. */
  readonly queueMs?: number;
  /** Nothing gets through. */
  readonly outage?: boolean;
}

/** Packets since the link was made. `in` = `lost` + `overflowed` + `out`. */
export interface LinkCounters {
  in: number;
  lost: number;
  overflowed: number;
  out: number;
  /** UDP payload of those that went out. */
  bytes: number;
}

/** One direction of one participant's access link. Has no clock: time is given. */
export interface Link {
  readonly counters: Readonly<LinkCounters>;
  /** Replaces all settings from the next packet on. */
  set(settings: LinkSettings): void;
  /** When a packet of `bytes` that arrives at `now` leaves, in the same milliseconds; null when it is dropped. */
  pass(bytes: number, now: number): number | null;
}

/** IPv4 and UDP headers, which a bottleneck carries too. */
const headerBytes = 28;
/** Ours: a home router's buffer at a few hundred kbit/s. */
const defaultQueueMs = 300;

/** A link that draws from `random`, so that the same seed and packets give the same fate. */
export function createLink(random: Random): Link {
  let settings: LinkSettings = {};
  let freeAt = 0;
  let lastAt = 0;
  let inBurst = false;
  const counters: LinkCounters = { in: 0, lost: 0, overflowed: 0, out: 0, bytes: 0 };

  /** Two states: lossless, and a burst in which everything is lost; its rates keep the overall share. */
  const isLost = (lossRatio: number, burstPackets: number): boolean => {
    if (lossRatio <= 0) return false;
    if (lossRatio >= 1) return true;
    if (burstPackets <= 1) return random() < lossRatio;
    const leave = 1 / burstPackets;
    const enter = (lossRatio * leave) / (1 - lossRatio);
    inBurst = inBurst ? random() >= leave : random() < enter;
    return inBurst;
  };

  return {
    counters,
    set(next) {
      settings = next;
      inBurst = false;
      // What waits at a bottleneck that is gone no longer holds up what comes.
      freeAt = 0;
    },
    pass(bytes, now) {
      const { lossRatio = 0, burstPackets = 1, delayMs = 0, jitterMs = 0, rateKbps = 0 } = settings;
      counters.in += 1;
      if (settings.outage === true || isLost(lossRatio, burstPackets)) {
        counters.lost += 1;
        return null;
      }
      let at = now;
      if (rateKbps > 0) {
        const start = Math.max(now, freeAt);
        if (start - now > (settings.queueMs ?? defaultQueueMs)) {
          counters.overflowed += 1;
          return null;
        }
        // kbit/s are bits a millisecond.
        freeAt = start + ((bytes + headerBytes) * 8) / rateKbps;
        at = freeAt;
      }
      at += Math.max(0, delayMs + (random() * 2 - 1) * jitterMs);
      if (settings.reordering !== true) at = Math.max(at, lastAt);
      lastAt = Math.max(at, lastAt);
      counters.out += 1;
      counters.bytes += bytes;
      return at;
    },
  };
}
