import { faultDomains, type FaultDomain, type JsonObject } from "@peerscope/schema";
import { z } from "zod";

/** Something done to one participant, by the lab's schedule. */
interface PlannedImpairment {
  readonly peer: string;
  readonly action: (typeof actions)[number];
  /** Seen from that participant; null for what is not the network. */
  readonly direction: "uplink" | "downlink" | "both" | null;
  /** Seconds of the schedule, or the event that says when. */
  readonly from: number | string;
  /** Seconds of the schedule; null: until the end. */
  readonly to: number | null;
  /** How much: lossRatio, delayMs, jitterMs, rateKbps, queueMs, outage, cpuShare. */
  readonly settings: JsonObject;
}

/** What must be said of one participant. */
export interface Expectation {
  /** Ids of which any is right as the stated cause; null: that nothing is stated is right too. */
  readonly causes: readonly (string | null)[];
  /** Fault domains of which any is right. */
  readonly domains: readonly FaultDomain[];
  /** Domains that must all be among the alternatives when a cause is stated and its domain is unknown. */
  readonly alternatives: readonly FaultDomain[];
  /** Ids that must be found above info, whatever is stated. */
  readonly observations: readonly string[];
  /** Statistics alone cannot show it. */
  readonly needsEvents: boolean;
}

/** What must be said of the call. */
export interface CallExpectation extends Expectation {
  /** Whose media it must be about: who sends and who receives what is harmed. Left out: anybody's. */
  readonly path: { readonly sender?: string | undefined; readonly receiver?: string | undefined };
}

/** What is known of one recording: times in seconds of its schedule. */
export interface TruthEntry {
  /** Seconds of media after everybody was connected, as planned. */
  readonly seconds: number;
  /** What a reader of the truth should know. */
  readonly note?: string | undefined;
  readonly impairments: readonly PlannedImpairment[];
  /** Nothing was wrong, an intended mute included: nothing above info may be said of anybody. */
  readonly healthy: boolean;
  /** false: how soon it shows says nothing, because a browser itself takes long to find out. */
  readonly isTimed: boolean;
  /** By participant. Nothing is judged of others. */
  readonly expect: Readonly<Record<string, Expectation>>;
  readonly expectCall?: CallExpectation | undefined;
}

const actions = [
  "network-impaired",
  "cpu-limited",
  "microphone-muted",
  "camera-stopped",
  "permission-denied",
  "signalling-cut",
] as const;

/** Name of a participant in a recording: "a", "b" … */
const peerName = z.string().min(1).max(512);
const domain = z.enum(faultDomains);

const impairmentEntry: z.ZodType<PlannedImpairment> = z.strictObject({
  peer: peerName,
  action: z.enum(actions),
  direction: z.enum(["uplink", "downlink", "both"]).nullable(),
  from: z.union([z.number(), z.string().min(1)]),
  to: z.number().nullable(),
  settings: z.record(z.string(), z.json()),
});

const expectationMembers = {
  causes: z.array(z.string().min(1).nullable()).min(1),
  domains: z.array(domain).min(1),
  alternatives: z.array(domain).default([]),
  observations: z.array(z.string().min(1)).default([]),
  needsEvents: z.boolean().default(false),
};

const expectationEntry: z.ZodType<Expectation> = z.strictObject(expectationMembers);

const callExpectationEntry: z.ZodType<CallExpectation> = z.strictObject({
  ...expectationMembers,
  path: z.strictObject({ sender: peerName.optional(), receiver: peerName.optional() }).default({}),
});

const captureEntry: z.ZodType<TruthEntry> = z.strictObject({
  seconds: z.number().positive(),
  note: z.string().optional(),
  impairments: z.array(impairmentEntry).default([]),
  healthy: z.boolean().default(false),
  isTimed: z.boolean().default(true),
  expect: z.record(peerName, expectationEntry).default({}),
  expectCall: callExpectationEntry.optional(),
});

const truthFile = z.strictObject({
  format: z.literal("peerscope-truth"),
  version: z.literal(1),
  /** By folder name. */
  captures: z.record(z.string(), captureEntry),
});

/** The truth of a folder of recordings, by the name of each. */
export type TruthFile = ReadonlyMap<string, TruthEntry>;

/**
 * Reads a truth file: JSON of the form in docs/reference/cli.md.
 * @throws Error that names the member and what is wrong with it.
 */
export function parseTruthFile(text: string): TruthFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(`no JSON (${error instanceof Error ? error.message : String(error)})`, { cause: error });
  }
  const result = truthFile.safeParse(json);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new Error(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not of the form"}`);
  }
  return new Map(Object.entries(result.data.captures));
}
