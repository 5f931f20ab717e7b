import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { catalogVersion } from "@peerscope/observer";
import { readCaptureFolder, type Capture, type TruthFile } from "@peerscope/scenarios";
import { readInput } from "../input/read-input.ts";
import { evaluateCall, type CallResult, type EvalInput, type EvalSession } from "./eval-call.ts";
import { totalsOf, type EvalTotals } from "./eval-totals.ts";

/** The document that `peerscope eval --json` prints. */
export interface EvalReport {
  readonly catalogVersion: string;
  readonly results: readonly CallResult[];
  /** One for each form of the recordings. */
  readonly totals: readonly EvalTotals[];
  /** What lies in the folder or stands in the truth file and was not judged. */
  readonly notJudged: readonly NotJudged[];
}

/** Something that was left out. */
export interface NotJudged {
  /** Recording, or a file of it. */
  readonly what: string;
  readonly why: string;
  /** It should have been judged: the recording is damaged, or the truth does not fit it. */
  readonly isFailure: boolean;
}

const inputs: readonly EvalInput[] = ["statistics", "with events", "webrtc-internals"];

/** Name of a dump of chrome://webrtc-internals beside a recording, and whose browser it is of. */
const internalsDump = { file: "webrtc_internals_dump.gz", peer: "a" } as const;

/** Judges every recording of a folder that the truth knows: each form of it on its own. */
export function evaluateFolder(folder: string, truth: TruthFile): EvalReport {
  const results: CallResult[] = [];
  const notJudged: NotJudged[] = [];
  for (const [name, entry] of truth) {
    const path = join(folder, name);
    if (!existsSync(path)) {
      notJudged.push({
        what: name,
        why: "stands in the truth file and is not in the folder",
        isFailure: false,
      });
      continue;
    }
    let capture: Capture;
    try {
      capture = readCaptureFolder(path, name, entry);
    } catch (error) {
      notJudged.push({
        what: name,
        why: error instanceof Error ? error.message : String(error),
        isFailure: true,
      });
      continue;
    }
    const { sessions } = capture;
    const statistics = sessions.map((session) => ({ ...session, records: session.samples }));
    results.push(evaluateCall(capture, "statistics", statistics));
    results.push(evaluateCall(capture, "with events", sessions));
    if (!existsSync(join(path, internalsDump.file))) continue;
    try {
      results.push(evaluateCall(capture, "webrtc-internals", [readDump(path, capture)]));
    } catch (error) {
      notJudged.push({
        what: `${name}/${internalsDump.file}`,
        why: error instanceof Error ? error.message : String(error),
        isFailure: true,
      });
    }
  }
  for (const { name } of readdirSync(folder, { withFileTypes: true }).filter((item) => item.isDirectory()))
    if (!truth.has(name))
      notJudged.push({ what: name, why: "has no entry in the truth file", isFailure: false });
  return {
    catalogVersion,
    results,
    totals: inputs.flatMap((input) => {
      const own = results.filter((result) => result.input === input);
      return own.length === 0 ? [] : [totalsOf(input, own)];
    }),
    notJudged,
  };
}

/** The dump of one participant. @throws CliError when it cannot be read. */
function readDump(folder: string, { name, sessions }: Capture): EvalSession {
  const { file, peer } = internalsDump;
  const [session] = readInput(readFileSync(join(folder, file)), `${name}-${peer}`).sessions;
  if (session === undefined) throw new Error("the dump holds no session");
  const userId = sessions.find((other) => other.peer === peer)?.userId ?? peer;
  return { sessionId: session.sessionId, peer, userId, records: session.records };
}
