import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isForThisMachineOnly } from "../access/access.ts";
import { createArchiveStorage } from "../archive/archive-storage.ts";
import type { ServerConfig } from "../config.ts";
import { openDatabase } from "../settings/database.ts";
import { readTlsKeys } from "./tls.ts";

/** Outcome of one check. `advice` says what to do; null when all is well. */
export interface Check {
  readonly name: string;
  readonly state: "ok" | "warn" | "fail";
  readonly text: string;
  readonly advice: string | null;
}

/** A certificate that ends sooner is worth a warning, in milliseconds. Ours. */
const certificateWarningMs = 14 * 86_400_000;
/** What does not answer within this is not there, in milliseconds. Ours. */
const answerTimeoutMs = 10_000;

/**
 * Checks what a start would need of the surroundings: settings, admin, archive, certificate. The server may run. Nothing is
 * changed, and nothing is left behind.
 */
export async function preflight(config: ServerConfig, now: number): Promise<Check[]> {
  return [
    ...(await checkSettings(config)),
    ...(config.archive === null ? [] : [await checkArchive(config.archive)]),
    ...(config.tls === null ? [] : [checkTls(config.tls, now)]),
  ];
}

async function checkSettings(config: ServerConfig): Promise<Check[]> {
  const file = join(config.dataFolder, "settings.sqlite");
  const what = config.settingsUrl === null ? file : "PostgreSQL";
  let admins = 0;
  let settings: Check = { name: "settings", state: "ok", text: `${what} will be made`, advice: null };
  if (config.settingsUrl !== null || existsSync(file)) {
    try {
      const { database } = openDatabase(config.settingsUrl ?? file, () => {});
      try {
        const users = await within(
          database
            .selectFrom("users")
            .select(["isServerAdmin", "passwordHash"])
            .where("disabledAt", "is", null)
            .execute(),
        );
        admins = users.filter(
          (user) => user.isServerAdmin === 1 && (user.passwordHash !== null || config.oidc !== null),
        ).length;
        settings = { ...settings, text: `${what} answers, ${users.length} users` };
      } finally {
        await database.destroy();
      }
    } catch (error) {
      const message = messageOf(error);
      // Of a database that no server has used yet.
      if (!/relation .* does not exist|no such table/.test(message))
        settings = {
          name: "settings",
          state: "fail",
          text: `${what}: ${message}`,
          advice:
            config.settingsUrl === null
              ? "Check its permissions and the disk, or restore it from a backup: docs/tasks/back-up.md"
              : "Check PEERSCOPE_SETTINGS_URL, and that this machine can reach the database.",
        };
    }
  }
  if (settings.state === "fail") return [settings];
  const isOpen = isForThisMachineOnly(config);
  const access: Check =
    isOpen || admins > 0
      ? {
          name: "access",
          state: "ok",
          text: isOpen ? "for this machine only" : `${admins} admins`,
          advice: null,
        }
      : {
          name: "access",
          state: "fail",
          text: "others could reach the server, and nobody could log in",
          advice: "Run `peerscope admin create you@example.org` with the same PEERSCOPE_DATA.",
        };
  return [settings, access];
}

/** Puts a small object there, reads it and takes it away: what a server needs to be allowed. */
async function checkArchive(address: NonNullable<ServerConfig["archive"]>): Promise<Check> {
  const shown = address.kind === "folder" ? address.folder : `s3://${address.bucket}/${address.prefix}`;
  const folder = mkdtempSync(join(tmpdir(), "peerscope-doctor-"));
  const path = join(folder, "probe");
  const bytes = Buffer.from("peerscope doctor\n");
  writeFileSync(path, bytes);
  const storage = createArchiveStorage(address);
  const name = "peerscope-doctor.probe";
  try {
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    await within(storage.put(name, { path, bytes: bytes.byteLength, sha256 }));
    const stream = await within(storage.get(name));
    if (stream === null) throw new Error("what was put there is not there");
    stream.destroy();
    await within(storage.remove(name));
    return { name: "archive", state: "ok", text: `${shown} takes and gives`, advice: null };
  } catch (error) {
    return {
      name: "archive",
      state: "fail",
      text: `${shown}: ${messageOf(error)}`,
      advice:
        address.kind === "folder"
          ? "Make the folder, mount its disk, or check its permissions. Or change PEERSCOPE_ARCHIVE."
          : "Check PEERSCOPE_ARCHIVE, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, the rights and the network.",
    };
  } finally {
    storage.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function checkTls(files: NonNullable<ServerConfig["tls"]>, now: number): Check {
  const advice = "Renew the certificate, then send SIGHUP to the server.";
  try {
    const { expiresAt } = readTlsKeys(files);
    const text = `good until ${new Date(expiresAt).toISOString().slice(0, 10)}`;
    if (expiresAt <= now) return { name: "tls", state: "fail", text: `expired: ${text}`, advice };
    const isSoon = expiresAt - now < certificateWarningMs;
    return { name: "tls", state: isSoon ? "warn" : "ok", text, advice: isSoon ? advice : null };
  } catch (error) {
    return {
      name: "tls",
      state: "fail",
      text: messageOf(error),
      advice: "PEERSCOPE_TLS_CERT and PEERSCOPE_TLS_KEY are PEM files of one certificate and its key.",
    };
  }
}

async function within<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no answer within ${answerTimeoutMs / 1_000} s`)),
      answerTimeoutMs,
    );
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(messageOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
