/** Seeded random numbers: the same seed gives the same test, byte for byte. */
export interface Random {
  readonly seed: number;
  /** Integer from 0 up to, and without, `limit`. */
  below(limit: number): number;
}

/** mulberry32, a 32-bit generator in the public domain. */
export const createRandom = (seed: number): Random => {
  let state = seed >>> 0;
  return {
    seed,
    below: (limit) => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
    },
  };
};

/** Changes bytes the way files and lines do, and the way an attacker does. */
export const mutate = (random: Random, bytes: Uint8Array): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  const at = random.below(copy.length);
  switch (random.below(6)) {
    case 0:
      copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
      return copy;
    case 1:
      copy[at] = random.below(256);
      return copy;
    case 2:
      return copy.subarray(0, at);
    case 3: {
      const end = at + random.below(16);
      return Uint8Array.of(...copy.subarray(0, at), ...copy.subarray(end));
    }
    case 4: {
      const inserted = Array.from({ length: 1 + random.below(8) }, () => random.below(256));
      return Uint8Array.of(...copy.subarray(0, at), ...inserted, ...copy.subarray(at));
    }
    default: {
      // Large numbers where counts and lengths are.
      copy.fill(0xff, at, at + 1 + random.below(7));
      return copy;
    }
  }
};
