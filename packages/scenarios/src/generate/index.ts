/** Only what runs anywhere: a page has no captures on its disk. */
export { generateSession } from "./generate-session.ts";
export type { GeneratedSession, GenerateOptions } from "./generate-session.ts";
export type { SessionKind } from "./conditions.ts";
