import { parseArgs } from "node:util";
import type { ErasureReceipt } from "@peerscope/schema/api";
import type { Command } from "../command-line.ts";
import { CliError } from "../errors.ts";
import { localErasure, remoteErasure, type DataSubject } from "../input/erasure-driver.ts";
import { defaultServerUrl } from "../input/server-connection.ts";

/** `peerscope erase`: takes data of a person, session or call out of everything that a server keeps. */
export const eraseCommand: Command = {
  usage:
    "erase (--user ID | --session ID | --call ID | --receipt ID) [--project ID] [--dry-run] [--url <server> | --data DIR] [--json]",
  summary: "Erases a person's, session's or call's data everywhere, and says what was erased.",
  help: [
    "  --user ID        every session that named this user, also where ids are kept as pseudonyms",
    "  --session ID     one session",
    "  --call ID        every session that was in this call, whole",
    "  --receipt ID     erases nothing: says how far an erasure is",
    "  --project ID     default: default",
    "  --dry-run        erases nothing: says what would be",
    `  --url <server>   a running server; default ${defaultServerUrl}. With users: an API token of a project`,
    "                   admin in PEERSCOPE_TOKEN",
    "  --data DIR       a data folder instead, whose server is stopped",
    "  --json           the receipt as JSON",
    "",
    "What cannot be reached, as a store that is down, is remembered and erased when it can be: exit code 1 until then.",
    "What a receipt says: docs/reference/privacy.md",
  ],
  async run(args, terminal) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        user: { type: "string" },
        session: { type: "string" },
        call: { type: "string" },
        receipt: { type: "string" },
        project: { type: "string", default: "default" },
        "dry-run": { type: "boolean", default: false },
        url: { type: "string" },
        data: { type: "string" },
        json: { type: "boolean", default: false },
      },
    });
    if (values.url !== undefined && values.data !== undefined)
      throw new CliError("usage-invalid", "--url and --data exclude each other");
    const { user, session, call, receipt: erasureId } = values;
    const given = [user, session, call, erasureId].filter((value) => value !== undefined && value !== "");
    if (given.length !== 1)
      throw new CliError(
        "usage-invalid",
        "erase needs exactly one of --user, --session, --call and --receipt",
      );
    const driver =
      values.data === undefined
        ? remoteErasure(values.url ?? defaultServerUrl, terminal.env)
        : await localErasure(values.data, terminal.env);
    try {
      const receipt =
        erasureId === undefined
          ? await driver.erase(values.project, subjectOf(user, session, call ?? ""), values["dry-run"])
          : await driver.receipt(values.project, erasureId);
      if (values.json) terminal.out(JSON.stringify(receipt, null, 2));
      else for (const line of receiptText(receipt)) terminal.out(line);
      return receipt.unreached.length === 0 ? 0 : 1;
    } finally {
      await driver.close();
    }
  },
};

function subjectOf(user: string | undefined, session: string | undefined, call: string): DataSubject {
  if (user !== undefined) return { kind: "user", value: user };
  return session === undefined ? { kind: "call", value: call } : { kind: "session", value: session };
}

function receiptText(receipt: ErasureReceipt): string[] {
  const { erasureId, sessions, logBytes, archiveBytes, rows, notes, finishedAt, unreached } = receipt;
  const what =
    `${sessions} ${sessions === 1 ? "session" : "sessions"}: ${logBytes} bytes of logs, ` +
    `${archiveBytes} bytes in the archive, ${rows} rows, ${notes} notes`;
  if (erasureId === null) return [`would erase ${what}`, ...unreached.map(describe)];
  return [
    `erased ${what}`,
    `receipt ${erasureId}, ${finishedAt === null ? "not finished" : `finished ${new Date(finishedAt).toISOString()}`}`,
    ...unreached.map(describe),
  ];
}

function describe({ what, sessions, reason }: ErasureReceipt["unreached"][number]): string {
  const count = sessions === null ? "" : ` of ${sessions} ${sessions === 1 ? "session" : "sessions"}`;
  return `still to do: ${what}${count} (${reason})`;
}
