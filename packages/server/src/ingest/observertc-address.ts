import type { StatedIdentity } from "./observertc-sources.ts";

/** Where ObserveRTC samples go: below it the ingest key, by WebSocket or POST. */
export const observertcPath = "/observertc";

/** Bytes of one sample. The last one of each client is kept, to compare the next with. Ours: the largest that was seen has 40 kB. */
export const maxSampleBytes: number = 1 << 20;

/** Samples of one message or body. Ours. */
export const maxSamples = 1_000;

/** Characters of a name in an address. As the reader has it for names in samples. */
const maxNameCharacters = 200;

/** The ingest key, or token, in the path of an address below `observertcPath`, else null. */
export function keyOfAddress(url: string): string | null {
  const path = url.split("?", 1)[0] ?? "";
  return /^\/observertc\/([\w.-]{1,5000})\/?$/.exec(path)?.[1] ?? null;
}

/** `callId`, `clientId` and `userId` of an address: they stand in for what samples do not say. */
export function statedIdentity(url: string): StatedIdentity {
  const parameters = new URLSearchParams(url.split("?", 2)[1] ?? "");
  const named = (name: string): string | null => parameters.get(name)?.slice(0, maxNameCharacters) || null;
  return { callId: named("callId"), clientId: named("clientId"), userId: named("userId") };
}
