import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  ExtensionError,
  isExtension,
  parseThresholds,
  type Extension,
  type SessionObserverOptions,
} from "@peerscope/observer";
import { CliError } from "../errors.ts";
import { openFile } from "./open-file.ts";

/** What a project changes about the analysis. */
export type Rules = Pick<SessionObserverOptions, "thresholds" | "extensions">;

/**
 * Reads thresholds (JSON) and modules with extensions.
 * @throws CliError with what is wrong and where.
 */
export async function readRules(
  thresholds: string | undefined,
  extensions: readonly string[],
): Promise<Rules> {
  return {
    ...(thresholds === undefined ? {} : { thresholds: await readThresholds(thresholds) }),
    ...(extensions.length === 0
      ? {}
      : { extensions: (await Promise.all(extensions.map(readExtensions))).flat() }),
  };
}

async function readThresholds(path: string): Promise<ReturnType<typeof parseThresholds>> {
  const text = new TextDecoder().decode(await openFile(path));
  try {
    return parseThresholds(JSON.parse(text));
  } catch (error) {
    if (error instanceof ExtensionError || error instanceof SyntaxError) {
      throw new CliError("thresholds-invalid", `${path}: ${error.message}`);
    }
    throw error;
  }
}

/** Every observation that a module exports, by whatever name. */
async function readExtensions(path: string): Promise<Extension[]> {
  let exported: unknown;
  try {
    exported = await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    throw new CliError(
      "extension-invalid",
      `${path}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const found = Object.values(exported ?? {})
    .flat()
    .filter(isExtension);
  if (found.length === 0) {
    throw new CliError("extension-invalid", `${path}: exports nothing that defineObservation() made`);
  }
  return [...new Set(found)];
}
