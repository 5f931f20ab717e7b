import type { EventRecord, JsonObject } from "@peerscope/schema";
import { numberOf, stringOf } from "./stat-members.ts";

/** What is known about how this client joined: what the person was asked for, how long that took, and whether it has been judged. */
export interface Joining {
  /** What the person lets the page use: "granted", "denied" or "prompt"; null when nobody said. */
  readonly permissions: { audio: string | null; video: string | null };
  /** Times in which the browser asked for microphone, camera or screen: the person decides how long that takes. */
  readonly prompts: { readonly from: number; readonly to: number }[];
  /** `join-slow` has been judged: it is said once. */
  judged: boolean;
}

/** Ours. */
const maximumPrompts = 32;

export function createJoining(): Joining {
  return { permissions: { audio: null, video: null }, prompts: [], judged: false };
}

/** Applies an event of the page. */
export function applyJoining(
  { permissions, prompts }: Joining,
  { name, at }: EventRecord,
  data: JsonObject,
): void {
  if (name === "permission-state-changed") {
    const device = data["name"];
    if (device === "microphone") permissions.audio = stringOf(data, "state");
    else if (device === "camera") permissions.video = stringOf(data, "state");
    return;
  }
  if (name !== "api-settled" || prompts.length >= maximumPrompts) return;
  const method = stringOf(data, "method") ?? "";
  const durationMs = numberOf(data, "durationMs");
  if (durationMs === null || durationMs <= 0) return;
  if (!method.endsWith("getUserMedia") && !method.endsWith("getDisplayMedia")) return;
  prompts.push({ from: at - durationMs, to: at });
}

/** Milliseconds between two instants that were not spent waiting for the person. */
export function withoutPrompts({ prompts }: Joining, from: number, to: number): number {
  let counted = from;
  let total = 0;
  for (const prompt of [...prompts].sort((a, b) => a.from - b.from)) {
    if (prompt.to <= counted || prompt.from >= to) continue;
    total += Math.max(0, prompt.from - counted);
    counted = Math.max(counted, prompt.to);
  }
  return total + Math.max(0, to - counted);
}
