import { useQuery } from "@tanstack/react-query";
import type { HealthProblem, Readiness } from "@peerscope/schema/api";
import { Check, TriangleAlert } from "lucide-react";
import { RefusalList } from "../first-run/refusal-list.tsx";
import { healthQuery } from "../queries/sessions.ts";
import { byteSize, count, plural } from "../words/numbers.ts";
import { ago, duration } from "../words/time.ts";
import { Block, BlockSkeleton, Problem } from "./parts.tsx";
import { firstSampleQuery } from "./queries.ts";
import type { SectionProps } from "./settings-page.tsx";

const everyMs = 4_000;

const problemWords: Readonly<Record<HealthProblem, string>> = {
  "disk-full": "The disk has no room for logs: nothing new is recorded until somebody frees some.",
  "log-writes-failing": "Logs cannot be written: nothing new is recorded. The log of the server says why.",
  stopping: "The server is on its way out.",
  "settings-down":
    "The database of the settings does not answer. Recording goes on with what is known of projects and keys.",
  "store-down": "The store does not answer. Recording goes on; lists are empty until it is back.",
  "analysis-behind": "What was recorded a minute ago is not analysed yet. Nothing is lost.",
  "archive-down": "The archive does not answer. Finished logs stay on the disk until it does.",
};

/** Whether the server is well, what arrives in the project, and what is refused. */
export function HealthSection({ project }: SectionProps): React.ReactNode {
  const ready = useQuery({
    queryKey: ["settings", "/readyz"],
    queryFn: ({ signal }) => readiness(signal),
    refetchInterval: everyMs,
  });
  const health = useQuery(healthQuery());
  return (
    <>
      {ready.data === undefined ? (
        ready.isError ? (
          <Problem error={ready.error} />
        ) : (
          <BlockSkeleton />
        )
      ) : (
        <Server readiness={ready.data} version={health.data?.version ?? null} isOld={ready.isError} />
      )}
      {project.projectId !== "" && <Ingest projectId={project.projectId} name={project.name} />}
    </>
  );
}

/** 503 is an answer here: it says what is wrong. */
async function readiness(signal: AbortSignal): Promise<Readiness> {
  const answer = await fetch("/readyz", { headers: { accept: "application/json" }, signal });
  if (answer.status !== 200 && answer.status !== 503) throw new Error(`The server answered ${answer.status}`);
  return (await answer.json()) as Readiness;
}

interface ServerProps {
  readonly readiness: Readiness;
  readonly version: string | null;
  /** The server did not answer since. */
  readonly isOld: boolean;
}

function Server({ readiness: now, version, isOld }: ServerProps): React.ReactNode {
  const { disk, settings, store, analysis, archive } = now;
  const figures: readonly (readonly [string, string])[] = [
    [
      "Disk",
      disk.freeBytes === null
        ? "not known"
        : `${byteSize(disk.freeBytes)} free${disk.totalBytes === null ? "" : ` of ${byteSize(disk.totalBytes)}`}`,
    ],
    ["Kept free on it", byteSize(disk.reserveBytes)],
    ["Store", store.problem ?? words[store.state]],
    ["Sessions whose rows wait", count(store.sessionsWaiting)],
    [
      "Analysis behind by",
      analysis.lagBytes === 0 ? "nothing" : `${byteSize(analysis.lagBytes)}, ${duration(analysis.lagMs)}`,
    ],
    ["Settings", words[settings.state]],
    [
      "Archive",
      archive === null
        ? "none: logs stay on the disk"
        : `${words[archive.state]}, ${plural(archive.logsWaiting, "log")} waiting`,
    ],
    ["Version", version ?? "not known"],
  ];
  return (
    <Block
      title={now.ready ? "Sessions are taken and kept" : "Nothing new is recorded"}
      about={isOld ? "The server does not answer any more; this is how it was." : undefined}
      actions={
        now.ready ? (
          <Check className="size-5 text-good-mark" aria-hidden />
        ) : (
          <TriangleAlert className="size-5 text-poor-mark" aria-hidden />
        )
      }
    >
      {now.problems.length > 0 && (
        <ul className="mb-4 grid gap-1 text-table" aria-label="What is wrong">
          {now.problems.map((problem) => (
            <li key={problem} className="flex items-start gap-1.5 text-poor">
              <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
              {problemWords[problem]}
            </li>
          ))}
        </ul>
      )}
      <dl className="grid gap-x-8 gap-y-3 sm:grid-cols-2 xl:grid-cols-4">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt className="eyebrow">{name}</dt>
            <dd className="tnum text-table">{value}</dd>
          </div>
        ))}
      </dl>
    </Block>
  );
}

const words = { ok: "answers", starting: "is starting", down: "does not answer" } as const;

function Ingest({ projectId, name }: { readonly projectId: string; readonly name: string }): React.ReactNode {
  const first = useQuery(firstSampleQuery(projectId, everyMs));
  if (first.data === undefined) return first.isError ? <Problem error={first.error} /> : <BlockSkeleton />;
  const { newestAt, openSessions, openFrames, refusals, hasOwn, now } = first.data;
  return (
    <Block title={`What arrives in ${name}`}>
      <dl className="flex flex-wrap gap-x-8 gap-y-3">
        <div>
          <dt className="eyebrow">Last sample</dt>
          <dd className="text-table">
            {newestAt !== null ? ago(newestAt, now) : hasOwn === null ? "not known" : "none yet"}
          </dd>
        </div>
        <div>
          <dt className="eyebrow">Open sessions</dt>
          <dd className="tnum text-table">{count(openSessions)}</dd>
        </div>
        <div>
          <dt className="eyebrow">Samples in them</dt>
          <dd className="tnum text-table">{count(openFrames)}</dd>
        </div>
      </dl>
      <h3 className="eyebrow mt-4 mb-2">Refused within the last ten minutes</h3>
      {refusals.length === 0 ? (
        <p className="text-table">Nothing.</p>
      ) : (
        <RefusalList refusals={refusals} now={now} />
      )}
    </Block>
  );
}
