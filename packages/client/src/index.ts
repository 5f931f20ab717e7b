export { start, type Monitor, type MonitorEvents, type MonitorStatus, type StartOptions } from "./start.ts";
export type { LossReason } from "./transport/loss-reason.ts";
