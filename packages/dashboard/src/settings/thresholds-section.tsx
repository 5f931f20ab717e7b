import { observationCatalog } from "@peerscope/observer";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ProjectChange, ProjectView } from "@peerscope/schema/api";
import { ChevronRight } from "lucide-react";
import { includesRole } from "../access/me.ts";
import { omit } from "../url/search.ts";
import { plural } from "../words/numbers.ts";
import { NumberInput } from "./number-input.tsx";
import { Block, BlockSkeleton, control, Field, Problem } from "./parts.tsx";
import { projectPath, resource, useProjectSave } from "./queries.ts";
import { SaveBar } from "./save-bar.tsx";
import type { SectionProps } from "./settings-page.tsx";
import {
  thresholdRows,
  withoutChanges,
  withValue,
  type ThresholdRow,
  type Thresholds,
} from "./thresholds-model.ts";
import { useDraft } from "./use-draft.ts";

/** The catalogue of observations, and what this project has instead of its limits. */
export function ThresholdsSection({ project }: SectionProps): React.ReactNode {
  const path = projectPath(project.projectId);
  const query = useQuery(resource<ProjectView>(path));
  if (query.data === undefined) return query.isError ? <Problem error={query.error} /> : <BlockSkeleton />;
  return (
    <Editor
      projectId={project.projectId}
      saved={query.data.thresholds}
      canEdit={includesRole(project.role, "admin")}
    />
  );
}

interface EditorProps {
  readonly projectId: string;
  readonly saved: Thresholds;
  readonly canEdit: boolean;
}

function Editor({ projectId, saved, canEdit }: EditorProps): React.ReactNode {
  const search = useSearch({ from: "/settings/$section" });
  const navigate = useNavigate();
  const draft = useDraft<Thresholds>(`${projectId}:thresholds`, saved);
  const save = useProjectSave(projectId);
  const find = search.find ?? "";
  const rows = thresholdRows(observationCatalog.values(), draft.value, find);
  const differing = Object.keys(draft.value).length;
  const change = (next: Thresholds): void => {
    save.reset();
    draft.change(next);
  };
  return (
    <Block
      title={`${observationCatalog.size} observations`}
      about={
        <>
          Every limit has a default with a source. Results under other limits carry another catalogue version
          and are not compared with those before.{" "}
          {differing === 0
            ? "This project uses the defaults."
            : `${plural(differing, "observation differs", "observations differ")} here.`}
        </>
      }
      actions={
        canEdit && differing > 0 ? (
          <button type="button" className="btn" onClick={() => change(withoutChanges(draft.value, null))}>
            Reset all to the defaults
          </button>
        ) : undefined
      }
    >
      <Field label="Find an observation">
        {(ids) => (
          <input
            {...ids}
            type="search"
            className={`${control} w-full max-w-sm`}
            value={find}
            onChange={(event) => {
              const { value } = event.target;
              void navigate({
                to: ".",
                search: (before) => ({ ...omit(before, "find"), ...(value === "" ? {} : { find: value }) }),
                replace: true,
                resetScroll: false,
              });
            }}
          />
        )}
      </Field>
      <div className="sticky top-14 z-10 bg-surface pb-1">
        <SaveBar
          draft={draft}
          saved={saved}
          isBusy={save.isPending}
          error={save.error}
          onSave={() =>
            save.mutate(
              {
                // The server checks every key and value; this page only makes the ones of the catalogue.
                change: { thresholds: draft.value as NonNullable<ProjectChange["thresholds"]> },
                base: ({ thresholds }) => thresholds,
                from: saved,
              },
              { onSuccess: (done) => (done === null ? undefined : draft.drop()) },
            )
          }
        />
      </div>
      <ul className="mt-2" aria-label="Observations">
        {rows.map((row) => (
          <Row
            key={row.definition.id}
            row={row}
            canEdit={canEdit}
            isOpen={search.open === row.definition.id}
            onOpen={(isOpen) =>
              void navigate({
                to: ".",
                search: (before) => (isOpen ? { ...before, open: row.definition.id } : omit(before, "open")),
                replace: true,
                resetScroll: false,
              })
            }
            onValue={(valuePath, value) =>
              change(withValue(draft.value, row.definition.id, valuePath, value))
            }
            onReset={() => change(withoutChanges(draft.value, row.definition.id))}
          />
        ))}
      </ul>
      {rows.length === 0 && <p className="mt-3 text-table">No observation has “{find}” in its name.</p>}
    </Block>
  );
}

interface RowProps {
  readonly row: ThresholdRow;
  readonly canEdit: boolean;
  readonly isOpen: boolean;
  readonly onOpen: (isOpen: boolean) => void;
  readonly onValue: (path: readonly string[], value: number | boolean | undefined) => void;
  readonly onReset: () => void;
}

function Row({ row, canEdit, isOpen, onOpen, onValue, onReset }: RowProps): React.ReactNode {
  const { definition, isOff, values, changes } = row;
  const { id, title, meaning, levels, unit } = definition;
  return (
    <li className="border-t border-line" data-observation={id}>
      <button
        type="button"
        className="flex min-h-10 w-full flex-wrap items-center gap-x-2 py-1.5 text-left text-table hover:bg-sunken"
        aria-expanded={isOpen}
        onClick={() => onOpen(!isOpen)}
      >
        <ChevronRight className={`size-4 shrink-0 ${isOpen ? "rotate-90" : ""}`} aria-hidden />
        <span className="font-medium">{title}</span>
        <code className="font-mono text-xs text-ink-soft">{id}</code>
        <span className="ml-auto text-xs text-ink-soft">
          {isOff
            ? "Switched off"
            : changes > 0
              ? `${plural(changes, "value")} of your own`
              : levels
                  .map(({ severity, on }) => `${severity} from ${on}${unit === "" ? "" : ` ${unit}`}`)
                  .join(", ")}
        </span>
      </button>
      {isOpen && (
        <div className="pb-4 pl-6">
          <p className="max-w-prose text-table">{meaning}</p>
          <p className="mt-1 text-xs text-ink-soft">
            Default: {definition.onText} {definition.clearText}
          </p>
          <label className="mt-3 flex min-h-6 items-center gap-2 text-table">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={!isOff}
              disabled={!canEdit}
              onChange={(event) => onValue(["off"], event.target.checked ? undefined : true)}
            />
            Look for it
          </label>
          {!isOff && (
            <div className="mt-3 grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
              {values.map((value) => (
                <Field
                  key={value.path.join(".")}
                  label={value.unit === "" ? value.label : `${value.label} (${value.unit})`}
                  hint={value.own === undefined ? "Default" : `Default: ${value.standard}`}
                >
                  {(ids) => (
                    <NumberInput
                      {...ids}
                      step="any"
                      disabled={!canEdit}
                      className={`w-32 ${value.own === undefined ? "" : "border-accent font-medium"}`}
                      placeholder={String(value.standard)}
                      value={value.own ?? value.standard}
                      onNumber={(number) =>
                        onValue(value.path, number === null || number === value.standard ? undefined : number)
                      }
                    />
                  )}
                </Field>
              ))}
            </div>
          )}
          {canEdit && (changes > 0 || isOff) && (
            <button type="button" className="btn mt-3" onClick={onReset}>
              Reset to the defaults<span className="sr-only"> of {title}</span>
            </button>
          )}
        </div>
      )}
    </li>
  );
}
