/** Largest file that is opened, unpacked. What does not fit the memory of a tab is better refused than half shown. */
export const largestFileBytes = 400_000_000;

/** A file in pieces, unpacked when it is gzip. */
export interface FilePieces {
  /** Ends early at damage, see `damage`. @throws FileTooLarge */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array>;
  /** Bytes of the file itself that were read: how far it is. */
  readonly readBytes: number;
  /** Unpacked bytes. */
  readonly bytes: number;
  /** Why the packed data could not be read to its end; null when it could. */
  readonly damage: string | null;
}

/** The file has more than `largestFileBytes`. */
export class FileTooLarge extends Error {
  override readonly name = "FileTooLarge";
  constructor() {
    super(`This file is larger than ${largestFileBytes / 1_000_000} MB unpacked`);
  }
}

/** Reads a file piece by piece: never all of it at once, and never more than a tab can hold, whatever gzip makes of it. */
export async function openFilePieces(file: Blob): Promise<FilePieces> {
  const magic = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const isPacked = magic[0] === 0x1f && magic[1] === 0x8b;
  let readBytes = 0;
  let bytes = 0;
  let damage: string | null = null;

  async function* pieces(): AsyncGenerator<Uint8Array> {
    if (!isPacked && file.size > largestFileBytes) throw new FileTooLarge();
    const counted = file.stream().pipeThrough(
      new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform(chunk, controller) {
          readBytes += chunk.byteLength;
          controller.enqueue(chunk);
        },
      }),
    );
    const reader = (isPacked ? counted.pipeThrough(new DecompressionStream("gzip")) : counted).getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        bytes += value.byteLength;
        if (bytes > largestFileBytes) throw new FileTooLarge();
        yield value;
      }
    } catch (error) {
      // What was unpacked before the damage is there already.
      if (error instanceof FileTooLarge || !isPacked || bytes === 0) throw error;
      damage = `The packed file is damaged or ends early; ${bytes.toLocaleString("en-GB")} bytes of it were read`;
    } finally {
      await reader.cancel().catch(() => {});
    }
  }

  return {
    [Symbol.asyncIterator]: pieces,
    get readBytes() {
      return readBytes;
    },
    get bytes() {
      return bytes;
    },
    get damage() {
      return damage;
    },
  };
}
