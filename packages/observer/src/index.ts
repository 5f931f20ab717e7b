export type { SessionObserver, SessionObserverOptions } from "./session-observer.ts";
export type { AnalyseCall } from "./call-observer.ts";
export { scoreVersion } from "./score/version.ts";
export * from "./words/index.ts";
