import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { erasureReceiptSchema, type ErasureReceipt } from "@peerscope/schema/api";

/** Where data of a session is. */
export type DataPlace = "logs" | "notes" | "archive" | "rows";

/** A session of an erasure that is not finished. */
export interface SessionToErase {
  readonly sessionId: string;
  /** Unix ms; 0 when its log is gone. */
  readonly createdAt: number;
  /** Where it still is, as far as one knows. */
  left: DataPlace[];
}

/** One erasure, as it is kept on disk. */
export interface Erasure {
  readonly receipt: ErasureReceipt & { erasureId: string };
  /** What is still to be done; null when all is done, and then nothing here names anybody. */
  work: {
    /** What was asked for. */
    readonly value: string;
    isSearched: boolean;
    readonly sessions: SessionToErase[];
  } | null;
}

const erasureSchema: z.ZodType<Erasure> = z.object({
  receipt: erasureReceiptSchema.extend({ erasureId: z.string() }),
  work: z
    .object({
      value: z.string(),
      isSearched: z.boolean(),
      sessions: z.array(
        z.object({
          sessionId: z.string(),
          createdAt: z.number(),
          left: z.array(z.enum(["logs", "notes", "archive", "rows"])),
        }),
      ),
    })
    .nullable(),
});

/** Erasures in files of their own, so that one that could not be finished is gone on with after a restart. */
export interface ErasureLedger {
  get(erasureId: string): Erasure | null;
  all(): Iterable<Erasure>;
  /** Resolves when it is on disk. */
  save(erasure: Erasure): Promise<void>;
  /** A session of this id was erased: nothing more is taken under it. */
  hasErased(sessionId: string): boolean;
}

/** Opens the folder, making it if it is missing. A file that cannot be read is named to `onProblem` and left alone. */
export function openErasureLedger(folder: string, onProblem: (message: string) => void): ErasureLedger {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const erasures = new Map<string, Erasure>();
  const erased = new Set<string>();

  function keep(erasure: Erasure): void {
    erasures.set(erasure.receipt.erasureId, erasure);
    for (const hash of erasure.receipt.sessionHashes) erased.add(hash);
  }

  for (const name of readdirSync(folder).filter((file) => file.endsWith(".json"))) {
    try {
      keep(erasureSchema.parse(JSON.parse(readFileSync(join(folder, name), "utf8"))));
    } catch (error) {
      onProblem(`the erasure in ${name} cannot be read: ${String(error)}`);
    }
  }

  return {
    get: (erasureId) => erasures.get(erasureId) ?? null,
    all: () => erasures.values(),
    async save(erasure) {
      const path = join(folder, `${erasure.receipt.erasureId}.json`);
      const handle = await open(`${path}.new`, "w", 0o600);
      try {
        await handle.writeFile(JSON.stringify(erasure));
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(`${path}.new`, path);
      keep(erasure);
    },
    hasErased: (sessionId) => erased.size > 0 && erased.has(sha256(sessionId)),
  };
}

/** Hexadecimal. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
