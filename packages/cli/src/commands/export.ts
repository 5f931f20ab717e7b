import { createWriteStream, existsSync } from "node:fs";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { writeGetStatsLines, writeRtcstatsDump, writeWebrtcInternals } from "@peerscope/interop";
import { isSessionId, type SessionRecord } from "@peerscope/schema";
import type { Command } from "../command-line.ts";
import { CliError } from "../errors.ts";
import { readInput, readInputFile, type Input } from "../input/read-input.ts";
import { connectApi } from "../input/server-api.ts";
import { defaultServerUrl, request, serverUrl } from "../input/server-connection.ts";
import { tellSkipped } from "../report/source-lines.ts";
import type { Terminal } from "../terminal.ts";

/** What a session can be written as. */
const formats = ["rtcstats", "webrtc-internals", "getstats-lines", "parquet-windows"] as const;
type ExportFormat = (typeof formats)[number];

/** The text of a session in one format, piece by piece. */
type Write = (records: readonly SessionRecord[], peer: string | null) => Iterable<string>;

const writers: Readonly<Record<Exclude<ExportFormat, "parquet-windows">, Write>> = {
  rtcstats: (records) => lines(writeRtcstatsDump(records)),
  "getstats-lines": (records, peer) => lines(writeGetStatsLines(records, peer ?? undefined)),
  "webrtc-internals": (records) => writeWebrtcInternals(records),
};

/** `peerscope export`: writes a session so that other tools can read it. */
export const exportCommand: Command = {
  usage:
    "export (<session|file> --format <format> | --user <id> [--project ID]) [--url <server>] [--session <name>] [--out <file>]",
  summary: "Writes a session in the format of another tool, or all that is kept of a person.",
  help: [
    "  <session|file>     id of a session of a running server, or any file that `peerscope analyze` reads",
    `  --format <format>  ${formats.join(", ")}`,
    `  --url <server>     where the session is; default ${defaultServerUrl}`,
    "  --session <name>   which session of a file with several",
    "  --out <file>       instead of stdout; a file that is there is not written over",
    "  --user <id>        instead of one session: every session that named this user, as a .tar.gz with their logs,",
    "                     analyses and notes; needs --out, and with users an API token of a project admin in PEERSCOPE_TOKEN",
    "  --project ID       of --user; default: default",
    "",
    "parquet-windows is the score of every ten seconds of every track, as the store of a server has it: it needs a session of",
    "a running server, and --out.",
  ],
  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        format: { type: "string" },
        url: { type: "string", default: defaultServerUrl },
        session: { type: "string" },
        out: { type: "string" },
        user: { type: "string" },
        project: { type: "string", default: "default" },
      },
    });
    if (values.user !== undefined) {
      if (positionals.length > 0 || values.format !== undefined || values.session !== undefined)
        throw new CliError("usage-invalid", "--user takes no session, file or format");
      await exportPerson(values.user, values.project, values.url, values.out, terminal);
      return 0;
    }
    const [source] = positionals;
    if (source === undefined || positionals.length > 1)
      throw new CliError("usage-invalid", "export needs one session or file");
    const format = formats.find((one) => one === values.format);
    if (format === undefined) throw new CliError("usage-invalid", `--format is one of ${formats.join(", ")}`);
    const server = serverUrl(values.url);
    if (values.out !== undefined && existsSync(values.out)) throw new CliError("file-exists", values.out);
    if (format === "parquet-windows") {
      await exportWindows(source, server, values.out, terminal);
      return 0;
    }
    const input = await openSource(source, server, terminal.env);
    tellSkipped(input, source, terminal);
    const session = chooseSession(input, values.session);
    await write(Readable.from(writers[format](session.records, session.peer)), values.out, terminal);
    return 0;
  },
};

/** A file of that name, else a session of the server. */
async function openSource(source: string, server: URL, env: Terminal["env"]): Promise<Input> {
  if (existsSync(source)) return readInputFile(source, basename(source));
  if (!isSessionId(source)) throw new CliError("file-not-found", source);
  const response = await request(new URL(`/api/sessions/${source}/log?from=0`, server), env);
  if (response.status === 404) {
    await response.body?.cancel();
    throw new CliError("export-session-unknown", `${source} (${server.origin})`);
  }
  if (!response.ok) throw new CliError("server-unreachable", `${server.origin} (status ${response.status})`);
  return readInput(new Uint8Array(await response.arrayBuffer()), source);
}

function chooseSession({ sessions, name }: Input, wanted: string | undefined): Input["sessions"][number] {
  const names = sessions.map(({ sessionId, peer, userId }) => [sessionId, peer, userId]);
  const found = sessions.filter((_, index) => wanted === undefined || names[index]?.includes(wanted));
  const [session] = found;
  if (session === undefined || found.length > 1) {
    const known = sessions.map(({ sessionId, peer }) => peer ?? sessionId).join(", ");
    throw new CliError("session-not-chosen", `${name} has ${known}`);
  }
  return session;
}

/** The score windows of a session, from the server's store. */
async function exportWindows(
  sessionId: string,
  server: URL,
  out: string | undefined,
  terminal: Terminal,
): Promise<void> {
  if (existsSync(sessionId) || !isSessionId(sessionId)) throw new CliError("export-needs-server", sessionId);
  if (out === undefined)
    throw new CliError("usage-invalid", "parquet-windows is binary: name a file with --out");
  const response = await request(new URL(`/api/sessions/${sessionId}/windows.parquet`, server), terminal.env);
  if (response.status === 404)
    throw new CliError("export-session-unknown", `${sessionId} (${server.origin})`);
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new CliError("export-needs-server", `${server.origin} answers ${response.status}`);
  }
  await write(Readable.fromWeb(response.body), out, terminal);
}

/** Everything that a running server keeps of a user. */
async function exportPerson(
  user: string,
  projectId: string,
  address: string,
  out: string | undefined,
  terminal: Terminal,
): Promise<void> {
  if (out === undefined)
    throw new CliError("usage-invalid", "--user makes a .tar.gz: name a file with --out");
  if (existsSync(out)) throw new CliError("file-exists", out);
  const api = connectApi(address, terminal.env);
  const response = await api.ask(`/api/projects/${encodeURIComponent(projectId)}/data`, { user });
  if (response.body === null) throw new CliError("server-unreachable", api.server.origin);
  await write(Readable.fromWeb(response.body), out, terminal);
}

async function write(content: Readable, out: string | undefined, terminal: Terminal): Promise<void> {
  if (out === undefined) {
    let rest = "";
    for await (const piece of content as AsyncIterable<string>) {
      const parts = (rest + piece).split("\n");
      rest = parts.pop() ?? "";
      for (const part of parts) terminal.out(part);
    }
    if (rest !== "") terminal.out(rest);
    return;
  }
  try {
    // "wx": nothing that appeared meanwhile is written over.
    await pipeline(content, createWriteStream(out, { flags: "wx" }));
  } catch (error) {
    throw new CliError(
      "file-unwritable",
      `${out}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function* lines(texts: Iterable<string>): Generator<string> {
  for (const text of texts) yield `${text}\n`;
}
