import type { Observation, Verdict } from "@peerscope/schema";
import type { SessionModel } from "../model/session.ts";
import { candidateCauses, type OwnDefinitions } from "./causes.ts";
import { type Explanation, confidenceOf, independent, isStatable, statedLead } from "./confidence.ts";
import { explain } from "./explanations.ts";
import { topologyOf } from "./topology.ts";

export interface SessionEvidence {
  readonly model: SessionModel;
  /** With their parents. */
  readonly observations: readonly Observation[];
  readonly notComputable: readonly { readonly id: string; readonly inputs: readonly string[] }[];
  readonly own?: OwnDefinitions;
  /** Unix ms up to which the session is known. */
  readonly end: number;
}

/** What would decide between the ends, and what could not be looked at. */
export type Missing = Verdict["missing"][number];

/** Fault domain of one session by what this side alone recorded (catalogue section 3). */
export function sessionVerdict({
  model,
  observations,
  notComputable,
  own = new Map(),
  end,
}: SessionEvidence): Verdict {
  const causes = candidateCauses(observations, own);
  const blind = notComputable.map(({ id, inputs }) => ({
    what: id,
    why: `not computable here: the browser does not report ${inputs.join(", ")}`,
    wouldDecide: [],
  }));
  const cause = causes[0];
  if (cause === undefined) return nothingFound(observations, blind);
  const { explanations, missing } = explain(cause, {
    model,
    observations,
    topology: topologyOf(model),
    own,
    end,
  });
  return decide(cause, explanations, [...missing, ...blind]);
}

/** Causes whose own fault domain is looked for, first the one to state. Ours: a bound for damaged logs. */
const judgedCauses = 20;

/** Each cause with the fault domain that can be stated for it alone; null where it cannot, and for effects. */
export function withVerdicts({
  model,
  observations,
  own = new Map(),
  end,
}: Omit<SessionEvidence, "notComputable">): Observation[] {
  const topology = topologyOf(model);
  const verdicts = new Map<Observation, Verdict>();
  for (const cause of candidateCauses(observations, own).slice(0, judgedCauses)) {
    const { explanations, missing } = explain(cause, { model, observations, topology, own, end });
    const verdict = decide(cause, explanations, missing);
    if (verdict.faultDomain !== "unknown") verdicts.set(cause, verdict);
  }
  return observations.map((observation) => {
    const verdict = verdicts.get(observation);
    return verdict === undefined ? observation : { ...observation, verdict };
  });
}

/** No cause among what can be seen here. Effects without a cause say so. */
function nothingFound(observations: readonly Observation[], blind: readonly Missing[]): Verdict {
  const effects = observations.filter(({ severity }) => severity !== "info");
  return {
    faultDomain: "unknown",
    confidence: 0,
    statedCause: null,
    for: effects.map(({ id, startedAt, clearedAt }) => ({
      observationId: id,
      text: "was noticed, and nothing recorded here explains it",
      weight: 0,
      from: startedAt,
      ...(clearedAt === null ? {} : { to: clearedAt }),
    })),
    against: [],
    missing:
      effects.length === 0
        ? blind
        : [
            {
              what: "the other side's recording",
              why: "what was noticed here may come from the sender's device or network",
              wouldDecide: ["remote", "publisher-device", "publisher-uplink"],
            },
            ...blind,
          ],
    alternatives: [],
  };
}

/** States the best explanation, or says that it is unknown with the alternatives. */
export function decide(
  cause: Pick<Observation, "id">,
  explanations: readonly Explanation[],
  missing: readonly Missing[],
): Verdict {
  const ranked = explanations
    .map((explanation) => ({ explanation, value: confidenceOf(explanation) }))
    .sort((a, b) =>
      b.value === a.value
        ? a.explanation.faultDomain < b.explanation.faultDomain
          ? -1
          : 1
        : b.value - a.value,
    );
  const best = ranked[0];
  const runnerUp = ranked[1]?.value ?? 0;
  if (best === undefined) {
    return {
      faultDomain: "unknown",
      confidence: 0,
      statedCause: cause.id,
      for: [],
      against: [],
      missing,
      alternatives: [],
    };
  }
  const stated = isStatable(best.explanation) && best.value - runnerUp >= statedLead - 1e-9;
  const others = stated ? ranked.slice(1) : ranked;
  return {
    faultDomain: stated ? best.explanation.faultDomain : "unknown",
    confidence: round(best.value),
    statedCause: cause.id,
    for: signals(best.explanation.for),
    against: signals(best.explanation.against),
    missing,
    alternatives: others
      .filter(({ value }) => value > 0)
      .map(({ explanation, value }) => ({
        faultDomain: explanation.faultDomain,
        confidence: round(value),
      })),
  };
}

/** Strongest of each family, without the family. */
function signals(all: Explanation["for"]): Verdict["for"] {
  return independent(all).map(({ family: _family, ...signal }) => signal);
}

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
