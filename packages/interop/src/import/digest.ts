/** Tells contents apart. Not for secrets: whoever wants to can make two of the same. */
export interface Digest {
  add(bytes: Uint8Array): void;
  /** 16 bytes. */
  bytes(): Uint8Array;
  /** 32 hexadecimal digits. */
  text(): string;
}

/** Four times FNV-1a with 32 bits (draft-eastlake-fnv), each from another offset and finished as MurmurHash3 does. */
export function createDigest(): Digest {
  const lanes = new Uint32Array([0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35]);
  function finished(): Uint32Array {
    return lanes.map((lane) => {
      let mixed = lane;
      mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
      mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
      return (mixed ^ (mixed >>> 16)) >>> 0;
    });
  }
  return {
    add(bytes) {
      let [a = 0, b = 0, c = 0, d = 0] = lanes;
      for (const byte of bytes) {
        a = Math.imul(a ^ byte, 0x01000193);
        b = Math.imul(b ^ byte, 0x01000193) + a;
        c = Math.imul(c ^ byte, 0x01000193) + b;
        d = Math.imul(d ^ byte, 0x01000193) + c;
      }
      lanes.set([a, b, c, d]);
    },
    bytes: () => new Uint8Array(finished().buffer),
    text: () => Array.from(finished(), (lane) => lane.toString(16).padStart(8, "0")).join(""),
  };
}
