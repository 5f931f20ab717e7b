export {
  captureNames,
  captureSessions,
  readCapture,
  readCaptureFolder,
  readCaptureGetStats,
  sampleCaptures,
} from "./recorded/captures.ts";
export type { Capture, CaptureName, CaptureSession, ImportableSession } from "./recorded/captures.ts";
export { parseTruthFile } from "./recorded/truth-file.ts";
export type { CallExpectation, Expectation, TruthEntry, TruthFile } from "./recorded/truth-file.ts";
export type { CaptureTruth, ExpectedObservation, Impairment } from "./recorded/truth.ts";
export { generateSession } from "./generate/generate-session.ts";
export type { GeneratedSession, GenerateOptions } from "./generate/generate-session.ts";
export type { SessionKind } from "./generate/conditions.ts";
export { recordedTemplates, syntheticTemplates } from "./load/load-template.ts";
export type { LoadTemplate, LoadTemplateOptions } from "./load/load-template.ts";
