import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";

/** A text as an answer carries it. */
export interface PackedText {
  readonly body: Buffer;
  /** Value of `content-encoding`; null for the text as it is. */
  readonly encoding: "br" | "gzip" | null;
}

/** Compresses files of other packages, which lie there as their builds wrote them, once each and for as long as they stay the same. */
export interface PackedTexts {
  /** `name`: of a file that exists, so that there are few. `accepted`: the header `accept-encoding`. */
  pack(name: string, content: Buffer, accepted: string | undefined): Promise<PackedText>;
}

/** The best for a browser first. */
const packers = { br: promisify(brotliCompress), gzip: promisify(gzip) } as const;

export function createPackedTexts(): PackedTexts {
  const known = new Map<string, { readonly content: Buffer; readonly packed: Promise<Buffer> }>();
  return {
    async pack(name, content, accepted = "") {
      const encoding = (["br", "gzip"] as const).find((each) => accepts(accepted, each));
      if (encoding === undefined) return { body: content, encoding: null };
      const key = `${encoding} ${name}`;
      let entry = known.get(key);
      // A build beside a running server is seen.
      if (entry === undefined || !entry.content.equals(content)) {
        entry = { content, packed: packers[encoding](content) };
        known.set(key, entry);
      }
      return { body: await entry.packed, encoding };
    },
  };
}

function accepts(header: string, encoding: string): boolean {
  return header.split(",").some((part) => {
    const [name = "", ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
    return name === encoding && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}
