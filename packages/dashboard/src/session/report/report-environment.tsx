import type { SessionTraits } from "@peerscope/schema/api";
import { useMemo } from "react";
import { useSession, useSnapshot, useTimeWords } from "../context.tsx";
import { environmentOf } from "./environment.ts";
import { Facts, ReportList, ReportSection } from "./report-parts.tsx";

/** What the person had: network, devices, what was refused to the page, and what changed meanwhile. */
export function ReportEnvironment({ traits }: { readonly traits: SessionTraits | null }): React.ReactNode {
  const { store } = useSession();
  const { events, phase } = useSnapshot(store);
  const words = useTimeWords();
  const { devices, happened, left } = useMemo(() => environmentOf(events), [events]);
  const list = (values: readonly string[] | undefined): string | null =>
    values === undefined || values.length === 0 ? null : values.join(", ");
  const facts = [
    ["Network", traits?.network ?? null],
    ["Country", traits?.country ?? null],
    ["Media path", list(traits?.paths)],
    ["Codecs", list(traits?.codecs)],
    ["Device", traits?.device ?? null],
    ...devices,
    ["App", traits?.appVersion ?? null],
    ["SDK", traits?.sdkVersion ?? null],
  ] as const;
  return (
    <>
      <ReportSection title="Devices and network">
        {facts.every(([, value]) => value === null) ? (
          <p className="text-table text-ink-soft">
            {phase === "loading" ? "Reading the recording" : "This recording says nothing about them."}
          </p>
        ) : (
          <Facts facts={facts} />
        )}
      </ReportSection>
      {happened.length > 0 && (
        <ReportSection title="What changed, or was refused">
          <ReportList lines={happened.map(({ at, text }) => `${words(at, true)} ${text}`)} none="" />
          {left > 0 && <p className="mt-1 text-table text-ink-soft">and {left} more</p>}
        </ReportSection>
      )}
    </>
  );
}
