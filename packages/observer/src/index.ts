export { createSessionObserver } from "./session-observer.ts";
export type { SessionObserver, SessionObserverOptions } from "./session-observer.ts";
export { analyseCall } from "./call-observer.ts";
export type { AnalyseCall } from "./call-observer.ts";
export { toSessionReport } from "./session-report.ts";
export { catalogVersion, observationCatalog } from "./detect/catalog.ts";
export type { Level, ObservationDefinition, OnRule } from "./detect/definition.ts";
export { scoreVersion } from "./score/version.ts";
export * from "./words/index.ts";
