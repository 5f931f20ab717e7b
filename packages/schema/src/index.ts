export * from "./json.ts";
export * from "./records.ts";
export * from "./events.ts";
export * from "./analysis.ts";
export * from "./wire/frame.ts";
export * from "./wire/messages.ts";
export * from "./log/session-log.ts";
