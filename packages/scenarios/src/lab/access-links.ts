import type { Random } from "../random.ts";
import { createDelayQueue, type DelayQueue } from "./delay-queue.ts";
import { createLink, type Link, type LinkCounters, type LinkSettings } from "./link.ts";

/** Counters of both directions of one participant's link. */
export interface AccessLinkCounters {
  readonly up: LinkCounters;
  readonly down: LinkCounters;
}

/** The access links of all participants: what each sends passes its uplink, what it gets passes its downlink. */
export interface AccessLinks {
  /** Sets both directions, or one. */
  readonly impair: (peer: string, direction: "both" | "uplink" | "downlink", settings: LinkSettings) => void;
  /** Takes all impairments back. */
  readonly clear: () => void;
  /** Calls `next` when a packet of `bytes` has passed; never, when it is lost. */
  pass(peer: string, direction: "up" | "down", bytes: number, next: () => void): void;
  readonly counters: () => { readonly [peer: string]: AccessLinkCounters };
  close(): void;
}

interface QueuedLink {
  readonly link: Link;
  readonly queue: DelayQueue;
}

export function createAccessLinks(random: Random): AccessLinks {
  const links = new Map<string, { readonly up: QueuedLink; readonly down: QueuedLink }>();
  const of = (peer: string): { readonly up: QueuedLink; readonly down: QueuedLink } => {
    const known = links.get(peer);
    if (known !== undefined) return known;
    const create = (): QueuedLink => ({ link: createLink(random), queue: createDelayQueue() });
    const access = { up: create(), down: create() };
    links.set(peer, access);
    return access;
  };
  return {
    impair(peer, direction, settings) {
      const { up, down } = of(peer);
      if (direction !== "downlink") up.link.set(settings);
      if (direction !== "uplink") down.link.set(settings);
    },
    clear() {
      for (const { up, down } of links.values()) for (const { link } of [up, down]) link.set({});
    },
    pass(peer, direction, bytes, next) {
      const { link, queue } = of(peer)[direction];
      const at = link.pass(bytes, performance.now());
      if (at !== null) queue.add(at, next);
    },
    counters: () =>
      Object.fromEntries(
        [...links].map(([peer, { up, down }]) => [
          peer,
          { up: { ...up.link.counters }, down: { ...down.link.counters } },
        ]),
      ),
    close() {
      for (const { up, down } of links.values()) for (const { queue } of [up, down]) queue.close();
    },
  };
}
