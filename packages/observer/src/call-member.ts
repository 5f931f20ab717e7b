import type { SessionAnalysis } from "@peerscope/schema";

/**
 * What `analyseCall` reads of a session, in the same shape: it says the same of these as of the whole analyses. An
 * hour of a session with many streams is several times smaller, so that those of a large call can be kept and read
 * together.
 */
export function toCallMember(analysis: SessionAnalysis): SessionAnalysis {
  const { score } = analysis;
  return {
    ...analysis,
    context: {},
    score: {
      ...score,
      reasons: [],
      flags: [],
      windows: score.windows.flatMap(({ scope, from, to, pcId, trackId, kind, score: points }) =>
        scope !== "track" || points === null
          ? []
          : {
              scope,
              from,
              to,
              ...(pcId !== undefined && { pcId }),
              ...(trackId !== undefined && { trackId }),
              ...(kind !== undefined && { kind }),
              mos: null,
              score: points,
              reason: null,
              flags: [],
              terms: [],
            },
      ),
    },
  };
}
