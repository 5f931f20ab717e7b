/**
 * Every error and warning of the command, in one place. `message` says what to do. docs/reference/cli.md lists them;
 * a test compares both. Errors of a session log keep the codes of the schema package and of the server theirs.
 */
export const cliErrors = {
  "usage-invalid": "The command line cannot be understood. Run `peerscope --help`.",
  "file-not-found": "There is no such file. Check the path.",
  "file-unreadable":
    "The file cannot be read. Check its permissions, and that it is a file and not a folder.",
  "folder-not-found": "There is no such folder. Check the path.",
  "truth-invalid":
    "The truth file has not the form of docs/reference/cli.md. Correct the member that is named.",
  "file-empty": "The file has no content. Record it again or take another copy.",
  "file-too-large": "The file is larger than 512 MiB, after unpacking. Split it by lines or by session.",
  "gzip-corrupt": "The file is gzip but damaged. Take another copy of it.",
  "gzip-truncated":
    "The file is gzip and ends early. What came before was read; take a complete copy for the rest.",
  "format-unknown":
    "The file is neither a Peerscope session log nor a recording of a tool that is known here. See docs/reference/cli.md for what can be read.",
  "line-skipped": "A line, or a part of one, could not be used. The rest was read.",
  "recording-empty":
    "The recording is of a known tool and has nothing that could be read. Record it again or take another copy.",
  "log-no-records": "The session log has no record that could be read. Take another copy of it.",
  "observation-unknown":
    "There is no observation with this id, neither in the catalogue nor in an extension. The message names the nearest one.",
  "thresholds-invalid": "The thresholds cannot be used. The message names the key and what to write instead.",
  "extension-invalid": "The extension cannot be used. See docs/reference/extend.md.",
  "server-unreachable":
    "No Peerscope server answers at this address. Start one with `peerscope serve`, or name another with --url.",
  "import-refused":
    "The server refused the session. docs/reference/errors.md says what to do about its code.",
  "request-refused":
    "The server refused. docs/reference/errors.md says what to do about its code; PEERSCOPE_TOKEN is an API token.",
  "reanalysis-lost":
    "The server does not know this job any more: it was restarted. What was written stays; start it again.",
  "session-taken":
    "The server has another session with this id. Nothing was sent; when it is the same one, it is there already.",
  "record-too-large": "Records that are larger than a frame were left out. The rest was sent.",
  "file-exists": "A file of this name is there. Name another with --out, or move it away.",
  "file-unwritable": "The file cannot be written. Check the path and the room on the disk.",
  "session-not-chosen": "The file has other sessions, or several. Name one of them with --session.",
  "export-session-unknown":
    "The server has no session with this id. The dashboard shows the id on the page of the session.",
  "export-needs-server":
    "Score windows are in the store of a server. Import the recording with `peerscope import`, then export its session by its id.",
  "backup-source-missing":
    "There are no logs and settings in this data folder. Name the right one with --data or PEERSCOPE_DATA.",
  "backup-target-used": "The folder is not empty. Name another one: nothing that is there is written over.",
  "backup-incomplete":
    "The backup was cut off, or it is none: not all of its files are there. Take an earlier one.",
  "backup-unreadable": "The backup is damaged, or of a newer version. Take another one, or that version.",
  "secrets-differ": "What was typed the second time is not the same. Run the command again.",
  "samples-failed": "A recorded sample call could not be imported. The server runs without it.",
  "check-failed": "A check failed. Its line says what to do.",
  unexpected: "Peerscope made a mistake. Please report it with the text above.",
} as const;

export type CliErrorCode = keyof typeof cliErrors;

/** A failure that the person at the terminal can do something about. `detail` names the file or value. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly code: CliErrorCode;
  readonly detail: string;

  constructor(code: CliErrorCode, detail: string) {
    super(`${code}: ${detail}: ${cliErrors[code]}`);
    this.code = code;
    this.detail = detail;
  }
}
