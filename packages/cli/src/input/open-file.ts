import { readFile } from "node:fs/promises";
import { CliError } from "../errors.ts";
import { hasCode } from "./read-input.ts";

/** @throws CliError `file-not-found`, `file-unreadable` or `file-too-large`. */
export async function openFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) throw new CliError("file-not-found", path);
    if (hasCode(error, "ERR_FS_FILE_TOO_LARGE")) throw new CliError("file-too-large", path);
    throw new CliError(
      "file-unreadable",
      `${path}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
