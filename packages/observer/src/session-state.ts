import { createStateBytes, type SessionAnalysis } from "@peerscope/schema";
import { CallShareWindows, callShareConstants } from "./call-share.ts";
import { Board, boardConstants } from "./detect/board.ts";
import { observationCatalog } from "./detect/catalog.ts";
import type { ObservationDefinition } from "./detect/definition.ts";
import type { Extension } from "./extend/define-observation.ts";
import type { KeptSamples } from "./extend/extension-runner.ts";
import { KeptObjects, KeptReport } from "./model/kept-report.ts";
import { createSessionModel, type SessionModel } from "./model/session.ts";
import { PackedTable } from "./pack/packed-table.ts";
import { RowQueue } from "./pack/row-queue.ts";
import { SmallMap, SmallSet } from "./pack/small-map.ts";
import { ScoreWindows } from "./score/collector.ts";
import { TrackCollector } from "./score/track-collector.ts";
import { WindowLog } from "./score/window-log.ts";
import { ScoreWindowKeeper } from "./score-feed.ts";

/** All that the analysis of one session remembers: plain data and instances of the classes below, so that it can be put into bytes. */
export interface SessionState {
  readonly model: SessionModel;
  readonly callShare: CallShareWindows;
  readonly board: Board;
  /** Of what a project added. */
  readonly keptSamples: Map<string, KeptSamples>;
  /** Null before the first record. */
  score: ScoreWindows | null;
  start: number | null;
  end: number;
  samples: number;
  events: number;
  timePassedAt: number;
  finished: SessionAnalysis | null;
}

export function createSessionState(
  tuned: ReadonlyMap<string, ObservationDefinition> | undefined,
): SessionState {
  return {
    model: createSessionModel(),
    callShare: new CallShareWindows(),
    board: new Board(tuned),
    keptSamples: new Map(),
    score: null,
    start: null,
    end: 0,
    samples: 0,
    events: 0,
    timePassedAt: Number.NEGATIVE_INFINITY,
    finished: null,
  };
}

const blankModel = createSessionModel();
const blankTrack = { pcId: "", trackId: "", kind: "audio" } as const;
const blankSettings = { start: 0, broadcast: false, settled: undefined };

const stateBytes = createStateBytes({
  classes: [
    { prototype: Board.prototype, blank: () => new Board() },
    { prototype: CallShareWindows.prototype, blank: () => new CallShareWindows() },
    { prototype: KeptObjects.prototype, blank: () => new KeptObjects(0) },
    { prototype: KeptReport.prototype, blank: () => new KeptReport() },
    { prototype: PackedTable.prototype, blank: () => new PackedTable([]) },
    { prototype: RowQueue.prototype, blank: () => new RowQueue(0) },
    { prototype: ScoreWindowKeeper.prototype, blank: () => new ScoreWindowKeeper(blankModel) },
    { prototype: ScoreWindows.prototype, blank: () => new ScoreWindows({ sessionStart: 0 }) },
    { prototype: SmallMap.prototype, blank: () => new SmallMap() },
    { prototype: SmallSet.prototype, blank: () => new SmallSet() },
    { prototype: TrackCollector.prototype, blank: () => new TrackCollector(blankTrack, blankSettings) },
    { prototype: WindowLog.prototype, blank: () => new WindowLog() },
  ],
  constants: [...observationCatalog.values(), ...boardConstants, ...callShareConstants],
});

/** Definitions that are not in the catalogue: those with a project's thresholds, and its own. */
function definitionsOf(
  tuned: ReadonlyMap<string, ObservationDefinition> | undefined,
  extensions: readonly Extension[],
): readonly object[] {
  if (tuned === undefined && extensions.length === 0) return [];
  return [
    ...(tuned === undefined ? [] : [tuned, ...tuned.values()]),
    ...extensions.map(({ definition }) => definition),
  ];
}

export function putSessionState(
  state: SessionState,
  tuned: ReadonlyMap<string, ObservationDefinition> | undefined,
  extensions: readonly Extension[],
): Uint8Array {
  return stateBytes.put(state, definitionsOf(tuned, extensions));
}

/** `rested`: what `putSessionState` gave in this process, with the same thresholds and extensions. */
export function takeSessionState(
  rested: Uint8Array,
  tuned: ReadonlyMap<string, ObservationDefinition> | undefined,
  extensions: readonly Extension[],
): SessionState {
  return stateBytes.take(rested, definitionsOf(tuned, extensions)) as SessionState;
}
