import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Reanalysis, ReanalysisRequest, SessionChange } from "@peerscope/schema/api";
import type { Command } from "../command-line.ts";
import { CliError } from "../errors.ts";
import { localReanalysis, remoteReanalysis, type ReanalysisDriver } from "../input/reanalysis-driver.ts";
import { defaultServerUrl } from "../input/server-connection.ts";
import { changeText, reanalysisText } from "../report/reanalysis-text.ts";
import type { Terminal } from "../terminal.ts";

/** The job is asked so often how far it is, and the terminal told so often, in milliseconds. */
const pollMs = 300;
const progressMs = 5_000;
const changesPerPage = 1_000;

/** `peerscope reanalyze`: rows anew from the logs, with today's analysis, and what that changes. */
export const reanalyzeCommand: Command = {
  usage:
    "reanalyze [--url <server> | --data DIR] [--project ID] [--session ID] [--since T] [--until T] [--dry-run] [--diff] [--json]",
  summary: "Analyses old sessions again, replaces their rows, and says what is different.",
  help: [
    `  --url <server>   a running server; default ${defaultServerUrl}. With users: an API token of a project`,
    "                   admin in PEERSCOPE_TOKEN",
    "  --data DIR       a data folder instead, whose server is stopped",
    "  --project ID     default: default",
    "  --session ID     this session only",
    "  --since T, --until T   sessions that began in this time: 2026-06-01, 2026-06-01T12:00Z, or 12h, 30d ago",
    "  --dry-run        writes nothing",
    "  --diff           a line for each session that differs",
    "  --json           one JSON document: the summary and all changes",
    "",
    "Ctrl-C ends it; what was written stays. Live sessions go first, so a busy server takes its time.",
  ],
  async run(args, terminal) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        url: { type: "string" },
        data: { type: "string" },
        project: { type: "string", default: "default" },
        session: { type: "string" },
        since: { type: "string" },
        until: { type: "string" },
        "dry-run": { type: "boolean", default: false },
        diff: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
      },
    });
    if (values.url !== undefined && values.data !== undefined)
      throw new CliError("usage-invalid", "--url and --data exclude each other");
    const now = Date.now();
    const wanted: ReanalysisRequest = {
      dryRun: values["dry-run"],
      ...(values.session === undefined ? {} : { sessionId: values.session }),
      ...(values.since === undefined ? {} : { since: parseTime("--since", values.since, now) }),
      ...(values.until === undefined ? {} : { until: parseTime("--until", values.until, now) }),
    };
    const driver =
      values.data === undefined
        ? remoteReanalysis(values.url ?? defaultServerUrl, terminal.env)
        : await localReanalysis(values.data, terminal.env);
    try {
      await driver.start(values.project, wanted);
      const reanalysis = await follow(driver, values.project, terminal);
      const changes = values.diff || values.json ? await allChanges(driver, values.project) : [];
      if (values.json) terminal.out(JSON.stringify({ reanalysis, changes }, null, 2));
      else {
        for (const change of changes) terminal.out(changeText(change));
        for (const line of reanalysisText(reanalysis)) terminal.out(line);
      }
      return reanalysis.state === "done" && reanalysis.failed === 0 ? 0 : 1;
    } finally {
      await driver.close();
    }
  },
};

/** Waits for the end; a Ctrl-C asks for it. */
async function follow(driver: ReanalysisDriver, projectId: string, terminal: Terminal): Promise<Reanalysis> {
  const cancel = (): void => void driver.cancel(projectId).catch(() => {});
  process.once("SIGINT", cancel);
  let toldAt = Date.now();
  try {
    for (;;) {
      const { reanalysis } = await driver.page(projectId, 0, 0);
      // A server that was restarted meanwhile knows nothing of it.
      if (reanalysis === null) throw new CliError("reanalysis-lost", projectId);
      if (reanalysis.state !== "running") return reanalysis;
      if (Date.now() - toldAt >= progressMs) {
        toldAt = Date.now();
        terminal.err(`${reanalysis.done} of ${reanalysis.total} sessions`);
      }
      await pause(pollMs);
    }
  } finally {
    process.off("SIGINT", cancel);
  }
}

async function allChanges(driver: ReanalysisDriver, projectId: string): Promise<SessionChange[]> {
  const all: SessionChange[] = [];
  for (;;) {
    const { changes } = await driver.page(projectId, all.length, changesPerPage);
    all.push(...changes);
    if (changes.length < changesPerPage) return all;
  }
}

const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000 };

/**
 * A date, a time, or so many hours or days before `now` (Unix ms).
 * @throws CliError `usage-invalid`.
 */
export function parseTime(option: string, text: string, now: number): number {
  const ago = /^(\d{1,5})([hd])$/.exec(text);
  if (ago !== null) return Math.max(0, now - Number(ago[1]) * (unitMs[ago[2] ?? ""] ?? 0));
  const at = /^\d{4}-\d{2}-\d{2}(T.*)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new CliError("usage-invalid", `${option} ${text}: not a date, a time, 12h or 30d`);
  return at;
}
