/** Codes of what a project can get wrong when it tunes or extends the catalogue; docs/reference/extend.md lists them. */
export type ExtensionErrorCode = "thresholds-invalid" | "observation-invalid" | "metric-invalid";

/** A mistake in thresholds, or in an observation or metric of the project's own. The message names the key and what to write instead. */
export class ExtensionError extends Error {
  override readonly name = "ExtensionError";
  readonly code: ExtensionErrorCode;

  constructor(code: ExtensionErrorCode, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}
