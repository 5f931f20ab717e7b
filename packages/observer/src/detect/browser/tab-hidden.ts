import type { Subject } from "../../model/streams.ts";
import { booleanOf, objectOf } from "../../model/stat-members.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";
import type { Detector, Moment, Occurrence } from "../view.ts";

const thresholds = { hiddenForSeconds: 5 };

export const definition: ObservationDefinition = {
  id: "tab-hidden",
  category: "browser",
  tier: "A",
  title: "Page in the background",
  meaning: "The page was hidden: browsers render nothing and slow timers down then.",
  domainHint: "receiver-device",
  effect: false,
  severities: ["info"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText: "hidden for more than 5 s",
  clearText: "visible again, or another page goes on with the session",
  evidence: ["page.visible"],
  exceptions: [{ when: "it is hidden for less than 5 s" }],
  blindIn: "Not computable in recordings of getStats alone.",
  thresholds,
};

const subject: Subject = { key: "page", scope: {} };

/** Page in background. */
export const tabHidden: Detector = {
  definition,
  onTime({ model, at, board }: Moment): void {
    const since = model.hiddenSince;
    if (since === null || at - since <= board.thresholds(definition, thresholds).hiddenForSeconds * 1000)
      return;
    if (board.open(definition, subject) !== null) return;
    const record = board.raise(definition, subject, since, "info");
    if (record !== null) record.onEvidence = [evidence("page", "visible", false, "", since, at)];
  },
  onEvent({ model, event, board }: Occurrence): void {
    if (model.hiddenSince === null) return;
    const isShown =
      event.name === "page-visibility-changed" && booleanOf(objectOf(event.data) ?? {}, "visible") === true;
    if (!isShown && event.name !== "session-resumed") return;
    const record = board.clear(definition, subject, event.at);
    if (record !== null) record.clearEvidence = [evidence("page", "visible", true, "", event.at, event.at)];
  },
};
