import { useQuery } from "@tanstack/react-query";
import type { ProjectView } from "@peerscope/schema/api";
import { NumberInput } from "./number-input.tsx";
import { Block, BlockSkeleton, control, Field, Problem } from "./parts.tsx";
import { projectPath, resource, useProjectSave } from "./queries.ts";
import { SaveBar } from "./save-bar.tsx";
import type { SectionProps } from "./settings-page.tsx";
import { useDraft } from "./use-draft.ts";
import { plural } from "../words/numbers.ts";

type Rules = Pick<ProjectView, "retention" | "privacy" | "limits">;
const rulesOf = ({ retention, privacy, limits }: ProjectView): Rules => ({ retention, privacy, limits });

const privacyChoices = {
  ipAddresses: {
    label: "IP addresses",
    words: {
      prefix: "Networks only (default)",
      remove: "None",
      keep: "Whole, as the client sends them",
    },
    effect: {
      prefix:
        "192.0.2.17 is kept as 192.0.2.0, an IPv6 address as its /48: enough for country and provider. Apps that set fullAddresses are cut here too.",
      remove: "192.0.2.17 is kept as 0.0.0.0: no country, no provider, and networks cannot be told apart.",
      keep: "192.0.2.17 is kept when the app sets fullAddresses; otherwise the SDK cuts it in the page.",
    },
  },
  deviceLabels: {
    label: "Names of devices",
    words: { hash: "As pseudonyms (default)", remove: "None", keep: "As the client sends them" },
    effect: {
      hash: "“Kim’s AirPods” is kept as a kind of device and a hash: one sees that a headset was changed, not which one it is.",
      remove: "Neither names nor hashes: a change of device is seen as an event only.",
      keep: "“Kim’s AirPods” is kept when the client sends it; the SDK hashes it in the page.",
    },
  },
  userIds: {
    label: "User ids",
    words: { keep: "As the app gives them (default)", hash: "As pseudonyms" },
    effect: {
      keep: "kim@example.com is kept, and support finds sessions by it.",
      hash: "kim@example.com is kept as anon_…, the same within this project. Sessions are no longer found by the id itself; erasing a person still works.",
    },
  },
} as const;

/** How long things are kept, and what of people, in words. */
export function RetentionSection({ project }: SectionProps): React.ReactNode {
  const query = useQuery(resource<ProjectView>(projectPath(project.projectId)));
  if (query.data === undefined) return query.isError ? <Problem error={query.error} /> : <BlockSkeleton />;
  return <Form projectId={project.projectId} saved={rulesOf(query.data)} />;
}

function Form({ projectId, saved }: { readonly projectId: string; readonly saved: Rules }): React.ReactNode {
  const draft = useDraft<Rules>(`${projectId}:rules`, saved);
  const save = useProjectSave(projectId);
  const { retention, privacy, limits } = draft.value;
  const change = (part: Partial<Rules>): void => {
    save.reset();
    draft.change({ ...draft.value, ...part });
  };
  const isShorter =
    isLess(retention.logDays, saved.retention.logDays) || isLess(retention.rowDays, saved.retention.rowDays);
  return (
    <>
      <Block title="Retention" about="Counted from the end of a session. The server looks once an hour.">
        <div className="grid gap-4 sm:grid-cols-2">
          <Days
            label="Session logs"
            value={retention.logDays}
            onDays={(logDays) => change({ retention: { ...retention, logDays } })}
            effect={(days) =>
              days === null
                ? "Everything that was recorded stays until somebody erases it."
                : `After ${plural(days, "day")} a session has no page any more: no charts, no events, no session descriptions.`
            }
          />
          <Days
            label="Rows: lists, scores, observations"
            value={retention.rowDays}
            onDays={(rowDays) => change({ retention: { ...retention, rowDays } })}
            effect={(days) =>
              days === null
                ? "Lists and figures keep every session."
                : `After ${plural(days, "day")} a session is in no list and no figure any more.`
            }
          />
        </div>
        {isShorter && (
          <p role="status" className="mt-3 text-table text-fair">
            Shorter than before: what is older goes within an hour of saving, and cannot be brought back.
          </p>
        )}
      </Block>
      <Block
        title="Privacy"
        about="Applied before anything is written, from the next frame on. What is kept already stays as it is."
      >
        <div className="grid gap-5">
          <Choice
            name="ipAddresses"
            value={privacy.ipAddresses}
            onChoice={(ipAddresses) => change({ privacy: { ...privacy, ipAddresses } })}
          />
          <Choice
            name="deviceLabels"
            value={privacy.deviceLabels}
            onChoice={(deviceLabels) => change({ privacy: { ...privacy, deviceLabels } })}
          />
          <Choice
            name="userIds"
            value={privacy.userIds}
            onChoice={(userIds) => change({ privacy: { ...privacy, userIds } })}
          />
        </div>
      </Block>
      <Block
        title="Limits"
        about="What the clients of this project may use together. Empty: the default of the server."
      >
        <div className="grid gap-4 sm:grid-cols-3">
          <Field label="Sessions at the same time">
            {(ids) => (
              <NumberInput
                {...ids}
                min={1}
                max={1_000_000}
                className="w-full"
                placeholder="Default"
                value={limits.maxLiveSessions}
                onNumber={(maxLiveSessions) => change({ limits: { ...limits, maxLiveSessions } })}
              />
            )}
          </Field>
          <Field label="Bytes a second, of one session">
            {(ids) => (
              <NumberInput
                {...ids}
                min={1_000}
                className="w-full"
                placeholder="Default"
                value={limits.maxBytesPerSecond}
                onNumber={(maxBytesPerSecond) => change({ limits: { ...limits, maxBytesPerSecond } })}
              />
            )}
          </Field>
          <Field label="Hours of one session">
            {(ids) => (
              <NumberInput
                {...ids}
                min={0.1}
                max={168}
                step="any"
                className="w-full"
                placeholder="Default"
                value={limits.maxSessionHours}
                onNumber={(maxSessionHours) => change({ limits: { ...limits, maxSessionHours } })}
              />
            )}
          </Field>
        </div>
      </Block>
      {(draft.state !== "clean" || save.isError) && (
        <div className="card sticky bottom-9 z-10 mb-4 px-5 pb-4">
          <SaveBar
            draft={draft}
            saved={saved}
            isBusy={save.isPending}
            error={save.error}
            onSave={() =>
              save.mutate(
                { change: draft.value, base: rulesOf, from: saved },
                { onSuccess: (done) => (done === null ? undefined : draft.drop()) },
              )
            }
          />
        </div>
      )}
    </>
  );
}

/** Null is for ever. */
function isLess(one: number | null, other: number | null): boolean {
  return one !== null && (other === null || one < other);
}

interface DaysProps {
  readonly label: string;
  readonly value: number | null;
  readonly onDays: (days: number | null) => void;
  readonly effect: (days: number | null) => string;
}

function Days({ label, value, onDays, effect }: DaysProps): React.ReactNode {
  return (
    <Field label={label} hint={effect(value)}>
      {(ids) => (
        <span className="flex items-center gap-2 text-table">
          <NumberInput
            {...ids}
            min={1}
            max={3_650}
            className="w-28"
            placeholder="for ever"
            value={value}
            onNumber={onDays}
          />
          days
        </span>
      )}
    </Field>
  );
}

type Privacy = Rules["privacy"];

function Choice<Name extends keyof Privacy>({
  name,
  value,
  onChoice,
}: {
  readonly name: Name;
  readonly value: Privacy[Name];
  readonly onChoice: (value: Privacy[Name]) => void;
}): React.ReactNode {
  const { label, words, effect } = privacyChoices[name];
  const wordsOf: Readonly<Record<string, string>> = words;
  const effects: Readonly<Record<string, string>> = effect;
  const options = Object.keys(words) as Privacy[Name][];
  return (
    <Field label={label} hint={effects[value]}>
      {(ids) => (
        <select
          {...ids}
          className={`${control} w-full max-w-sm`}
          value={value}
          onChange={(event) => {
            const chosen = options.find((option) => option === event.target.value);
            if (chosen !== undefined) onChoice(chosen);
          }}
        >
          {options.map((option) => (
            <option key={option} value={option}>
              {wordsOf[option]}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
