import type { PrivacyRules } from "../../settings/settings.ts";
import { createPrivacyGate, type PrivacyGate } from "../privacy-gate.ts";

/** What a new project has. */
export const defaultRules: PrivacyRules = { ipAddresses: "prefix", deviceLabels: "hash", userIds: "keep" };

/** A gate by these rules, for tests. */
export function privacyGateOf(privacy: PrivacyRules = defaultRules): PrivacyGate {
  return createPrivacyGate({ project: () => ({ privacy, salt: "c2FsdA" }) });
}
