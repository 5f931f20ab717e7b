export type { SessionObserver, SessionObserverOptions } from "./session-observer.ts";
export type { AnalyseCall } from "./call-observer.ts";
