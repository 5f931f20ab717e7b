import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { hasCode } from "../data-folder.ts";
import { RequestError, ServerStartError } from "../errors.ts";
import { isPostgresUrl } from "./database.ts";
import { newProject, newPublicKey } from "./new-settings.ts";
import { openSettings, type SettingsOptions } from "./open-settings.ts";
import type { Settings } from "./settings.ts";

export interface ServerSettingsOptions extends Omit<SettingsOptions, "url"> {
  readonly dataFolder: string;
  /** PostgreSQL; null: `settings.sqlite` in the data folder. */
  readonly url: string | null;
}

/** What project.json of a data folder held before settings had a database. */
const projectFileSchema = z.object({
  projectId: z.string().regex(/^[a-z0-9-]{1,40}$/),
  name: z.string(),
  ingestKey: z.string().min(8).max(200),
});

/**
 * Opens the settings of a server. There is always a project afterwards: the first start makes "default" with an ingest
 * key, and takes over project and key of a data folder that has them in project.json.
 * @throws ServerStartError `settings-unusable`
 */
export async function openServerSettings(options: ServerSettingsOptions): Promise<Settings> {
  const { dataFolder, url, ...rest } = options;
  const at = url ?? join(dataFolder, "settings.sqlite");
  let settings: Settings;
  try {
    settings = await openSettings({ ...rest, url: at });
  } catch (error) {
    throw new ServerStartError("settings-unusable", `${nameOf(at)}: ${reasonOf(error)}`);
  }
  try {
    await firstStart(settings, join(dataFolder, "project.json"), (options.now ?? Date.now)());
    return settings;
  } catch (error) {
    await settings.close();
    throw new ServerStartError("settings-unusable", `${nameOf(at)}: ${reasonOf(error)}`);
  }
}

async function firstStart(settings: Settings, file: string, now: number): Promise<void> {
  const old = readProjectFile(file);
  if (old !== null) {
    if (settings.project(old.projectId) === null) {
      await orSomebodyElse(settings.createProject(newProject(old.projectId, old.name, now), null));
    }
    // Clients in the field have this key. Where servers share their settings, each brings its own.
    if (settings.ingestKey(old.ingestKey) === null) {
      const key = newPublicKey(old.projectId, "Of the first start", now, old.ingestKey);
      await orSomebodyElse(settings.saveIngestKey(key));
    }
    rmSync(file);
  }
  if (settings.projects.length > 0) return;
  const key = newPublicKey("default", "Of the first start", now);
  await orSomebodyElse(settings.createProject(newProject("default", "Default project", now), key));
  // It was another server: what it made has to be here before the first client.
  await settings.refresh();
}

/** Another server that starts for the first time may be faster. */
async function orSomebodyElse(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof RequestError && error.code === "settings-conflict")) throw error;
  }
}

function readProjectFile(file: string): z.infer<typeof projectFileSchema> | null {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
  try {
    return projectFileSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`${file} cannot be used`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Several addresses were tried and none answered: the message is empty.
  if (error instanceof AggregateError && error.message === "") return error.errors.map(reasonOf).join("; ");
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

/** The address without its password. */
function nameOf(url: string): string {
  if (!isPostgresUrl(url)) return url;
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname}`;
  } catch {
    return "PEERSCOPE_SETTINGS_URL";
  }
}
