import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { catalogVersion } from "@peerscope/observer";
import { readCaptureFolder, type Capture, type TruthFile } from "@peerscope/scenarios";
import { evaluateCall, type CallResult, type EvalInput } from "./eval-call.ts";
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

const inputs: readonly EvalInput[] = ["statistics", "with events"];

/** Name under which the lab keeps a dump of chrome://webrtc-internals beside a recording. */
const internalsDump = "webrtc_internals_dump.gz";

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
    for (const input of inputs) results.push(evaluateCall(capture, input));
    if (existsSync(join(path, internalsDump)))
      notJudged.push({
        what: `${name}/${internalsDump}`,
        why: "this version has no reader of webrtc-internals dumps",
        isFailure: false,
      });
  }
  for (const { name } of readdirSync(folder, { withFileTypes: true }).filter((item) => item.isDirectory()))
    if (!truth.has(name))
      notJudged.push({ what: name, why: "has no entry in the truth file", isFailure: false });
  return {
    catalogVersion,
    results,
    totals: inputs.map((input) =>
      totalsOf(
        input,
        results.filter((result) => result.input === input),
      ),
    ),
    notJudged,
  };
}
