import type { JsonObject } from "@peerscope/schema";

/** Type of an object that rtcstats makes up, of which a report of the browser has nothing. */
export const pressureType = "compute-pressure";

/**
 * A difference cannot say that a member is gone. Those that browsers take back are left out as long as the counter beside them stands
 * still: measured on 13 recorded calls, see docs/reference/interop.md.
 */
export const vanishing: ReadonlyMap<
  string,
  { readonly member: string; readonly counter: string; readonly members: readonly string[] }
> = new Map([
  ["inbound-rtp", { member: "framesPerSecond", counter: "framesDecoded", members: ["framesPerSecond"] }],
  [
    "outbound-rtp",
    {
      member: "framesPerSecond",
      counter: "framesEncoded",
      members: ["framesPerSecond", "frameWidth", "frameHeight"],
    },
  ],
]);

/** The member of an object that counts as taken back unless it is said again. */
export function vanishingMember(type: string): string | null {
  return type === "remote-outbound-rtp" ? "roundTripTime" : (vanishing.get(type)?.member ?? null);
}

/** What tells the type of an object whose first difference is missing. The first that it has decides. */
const telling: readonly (readonly [member: string, type: string])[] = [
  ["framesDecoded", "inbound-rtp"],
  ["jitterBufferDelay", "inbound-rtp"],
  ["targetBitrate", "outbound-rtp"],
  ["totalPacketSendDelay", "outbound-rtp"],
  ["fractionLost", "remote-inbound-rtp"],
  ["reportsSent", "remote-outbound-rtp"],
  ["currentRoundTripTime", "candidate-pair"],
  ["requestsSent", "candidate-pair"],
  ["frames", "media-source"],
  ["synthesizedSamplesDuration", "media-playout"],
  ["selectedCandidatePairChanges", "transport"],
  ["dtlsState", "transport"],
];

/** The type of an object of which only members are known. */
export function typeByMembers(stats: JsonObject): string {
  return telling.find(([member]) => Object.hasOwn(stats, member))?.[1] ?? "unknown";
}

/** Of these an object that is not mentioned, or mentioned without a time, has kept its time: what they tell came from far. */
export function isTimeKept(type: string): boolean {
  return type === "remote-inbound-rtp" || type === "remote-outbound-rtp" || type === pressureType;
}
