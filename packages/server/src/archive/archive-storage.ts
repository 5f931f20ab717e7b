import type { Readable } from "node:stream";
import type { ArchiveAddress } from "./archive-address.ts";
import { createFolderStorage } from "./folder-storage.ts";
import { createS3Storage } from "./s3-storage.ts";

/** A file on its way into the archive. */
export interface ArchiveUpload {
  /** Absolute path. */
  readonly path: string;
  readonly bytes: number;
  /** SHA-256, hexadecimal. */
  readonly sha256: string;
}

/** Something that lies in the archive. */
export interface ArchivedObject {
  readonly name: string;
  readonly bytes: number;
}

/**
 * A place that keeps objects under names. It knows nothing of logs. Names are paths with "/" out of A-Z, a-z, 0-9, "_", "-"
 * and ".". Everything may reject with whatever the place says.
 */
export interface ArchiveStorage {
  /** Writes the object whole or not at all; one of the same name is replaced. */
  put(name: string, upload: ArchiveUpload): Promise<void>;
  /** Its bytes; null when there is no such object. */
  get(name: string): Promise<Readable | null>;
  /** Does nothing when there is no such object. */
  remove(name: string): Promise<void>;
  /** Objects whose names begin so. */
  list(prefix: string): AsyncIterable<ArchivedObject>;
  close(): void;
}

export function createArchiveStorage(address: ArchiveAddress): ArchiveStorage {
  return address.kind === "folder" ? createFolderStorage(address.folder) : createS3Storage(address);
}
