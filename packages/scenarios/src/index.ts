export { captureSessions, readCapture, readCaptureGetStats, sampleCaptures } from "./recorded/captures.ts";
export type { Capture, CaptureSession, ImportableSession } from "./recorded/captures.ts";
export { captureNames } from "./recorded/truth.ts";
export type { CaptureName, CaptureTruth, ExpectedObservation, Impairment } from "./recorded/truth.ts";
export { generateSession } from "./generate/generate-session.ts";
export type { GeneratedSession, GenerateOptions } from "./generate/generate-session.ts";
export type { SessionKind } from "./generate/conditions.ts";
