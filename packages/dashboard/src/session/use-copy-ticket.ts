import { copyText } from "../frame/announce.tsx";
import type { CallSide } from "./call-side.ts";
import type { SessionContextValue } from "./context.tsx";
import { reportedIssues } from "./notes/reported-issues.ts";
import { ticketText } from "./ticket.ts";
import { viewLink } from "./view-link.ts";

/** Copies the session in plain text for a ticket; null while nothing is known of it. */
export function useCopyTicket(
  { store, analysis, zone }: SessionContextValue,
  side: CallSide,
): (() => void) | null {
  if (analysis === null) return null;
  return () => {
    const issues = reportedIssues(store.snapshot().events);
    const text = ticketText({ analysis, side, issues, link: viewLink(), zone, now: Date.now() });
    void copyText(text, "Summary");
  };
}
