import type {
  ContextRecord,
  EventRecord,
  JsonObject,
  JsonValue,
  SampleRecord,
  SessionRecord,
  StatsObject,
} from "@peerscope/schema";
import { ChevronDown, ChevronRight } from "lucide-react";
import { useState } from "react";
import { plural } from "../../words/numbers.ts";
import { changedMembers, changeWords, hasMembers, scalarText, type ChangedMember } from "./changes.ts";

/** More objects than this are closed until they are asked for. Ours: a screen is finite. */
const mostOpen = 40;
/** A text is shown up to this length; the whole is in what is copied. */
const longestText = 20_000;

interface Props {
  readonly record: SessionRecord;
  /** What a sample is compared with. */
  readonly before: SampleRecord | null;
  readonly onlyChanges: boolean;
  /** Objects of this type are those that are looked for. */
  readonly type: string | null;
}

/** A record with everything in it, by the names it came with; a sample with what changed since the one before. */
export function RecordTree({ record, before, onlyChanges, type }: Props): React.ReactNode {
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  if (record.kind !== "sample") {
    return <Members members={changedMembers(withoutAbsent(record), undefined)} />;
  }
  const { stats, ...head } = record;
  const objects = objectsOf(stats, before?.stats ?? null);
  const shown = objects.filter((object) => !onlyChanges || object.changed > 0);
  const opensAll = stats.length <= mostOpen;
  return (
    <>
      {!onlyChanges && <Members members={changedMembers(head, undefined)} />}
      {shown.length === 0 && (
        <p className="px-3 py-4 text-table text-ink-soft">Nothing is different from the sample before.</p>
      )}
      {shown.map((object) => {
        const isOpen =
          (type === null ? opensAll : object.stats.type === type) !== toggled.has(object.stats.id);
        return (
          <ObjectOfSample
            key={object.key}
            object={object}
            isOpen={isOpen}
            onlyChanges={onlyChanges}
            onToggle={() =>
              setToggled((known) => {
                const next = new Set(known);
                if (!next.delete(object.stats.id)) next.add(object.stats.id);
                return next;
              })
            }
          />
        );
      })}
    </>
  );
}

function withoutAbsent({ kind, at, ...rest }: EventRecord | ContextRecord): JsonObject {
  if ("context" in rest) {
    const members = Object.entries(rest.context).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    );
    return { kind, at, context: Object.fromEntries(members) };
  }
  return { kind, at, ...rest };
}

interface ComparedObject {
  /** Ids should differ, but nobody can rely on it. */
  readonly key: string;
  readonly stats: StatsObject;
  readonly state: "here" | "new" | "gone";
  readonly members: readonly ChangedMember[];
  /** Members that differ, besides the time. */
  readonly changed: number;
}

function objectsOf(stats: readonly StatsObject[], before: readonly StatsObject[] | null): ComparedObject[] {
  const earlier = before === null ? null : new Map(before.map((object) => [object.id, object]));
  const here = stats.map((object, index): ComparedObject => {
    const known = earlier?.get(object.id);
    earlier?.delete(object.id);
    const members = changedMembers(object, known);
    const isNew = before !== null && known === undefined;
    const changed = members.filter(({ name, change }) => change.kind !== "same" && name !== "timestamp");
    return {
      key: `${index} ${object.id}`,
      stats: object,
      state: isNew ? "new" : "here",
      members,
      changed: isNew ? members.length : changed.length,
    };
  });
  const gone = [...(earlier?.values() ?? [])].map((object): ComparedObject => ({
    key: `gone ${object.id}`,
    stats: object,
    state: "gone",
    members: changedMembers(object, undefined),
    changed: Object.keys(object).length,
  }));
  return [...here, ...gone];
}

interface ObjectProps {
  readonly object: ComparedObject;
  readonly isOpen: boolean;
  readonly onlyChanges: boolean;
  readonly onToggle: () => void;
}

function ObjectOfSample({ object, isOpen, onlyChanges, onToggle }: ObjectProps): React.ReactNode {
  const { stats, state, members, changed } = object;
  const shown =
    onlyChanges && state === "here"
      ? members.filter(({ name, change }) => change.kind !== "same" && name !== "timestamp")
      : members;
  const kind = stats["kind"];
  return (
    <div className="border-t border-line">
      <button
        type="button"
        aria-expanded={isOpen}
        className="flex min-h-8 w-full items-baseline gap-2 bg-sunken/60 px-3 py-1.5 text-left text-table -outline-offset-2 hover:bg-sunken"
        onClick={onToggle}
      >
        {isOpen ? (
          <ChevronDown className="size-3.5 shrink-0 self-center text-ink-soft" aria-hidden />
        ) : (
          <ChevronRight className="size-3.5 shrink-0 self-center text-ink-soft" aria-hidden />
        )}
        <bdi className="max-w-1/2 shrink-0 truncate font-semibold">{stats.type}</bdi>
        {(kind === "audio" || kind === "video") && <span>{kind}</span>}
        <bdi className="min-w-0 truncate font-mono text-xs text-ink-soft">{stats.id}</bdi>
        <span className="ml-auto shrink-0 text-xs text-ink-soft">
          {state === "here" ? (changed === 0 ? "" : `${changed} changed`) : state}
        </span>
      </button>
      {isOpen && <Members members={shown} />}
    </div>
  );
}

interface FlatMember {
  readonly key: string;
  readonly depth: number;
  readonly member: ChangedMember;
}

/** Members with those of their own below them. */
function flat(members: readonly ChangedMember[], depth = 0, path = ""): FlatMember[] {
  return members.flatMap((member): FlatMember[] => {
    const { name, value, change } = member;
    const key = `${path}/${name}`;
    const own = { key, depth, member };
    if (!hasMembers(value)) return [own];
    const before = change.kind === "changed" && hasMembers(change.before) ? change.before : undefined;
    return [own, ...flat(changedMembers(value, before), depth + 1, key)];
  });
}

/** Names, values, and what changed. What has members of its own is a name with them indented below it. */
function Members({ members }: { readonly members: readonly ChangedMember[] }): React.ReactNode {
  return (
    <dl className="py-1 text-xs">
      {flat(members).map(({ key, depth, member: { name, value, change } }) => {
        const words = changeWords(change);
        return (
          <div
            key={key}
            className="grid grid-cols-[minmax(6rem,2fr)_minmax(0,3fr)_minmax(0,1fr)] items-baseline gap-x-3 px-3 py-0.5 hover:bg-sunken"
          >
            <dt className="wrap-anywhere text-ink-soft" style={{ paddingLeft: `${Math.min(depth, 12)}em` }}>
              <bdi>{name}</bdi>
            </dt>
            <dd className={`font-mono ${change.kind === "gone" ? "text-ink-soft line-through" : ""}`}>
              {hasMembers(value) ? (
                <span className="font-sans text-ink-soft">{amountOf(value)}</span>
              ) : (
                <Scalar value={value} />
              )}
            </dd>
            {words !== "" && (
              <dd className="tnum truncate text-right text-accent" title={words}>
                <bdi>{words}</bdi>
              </dd>
            )}
          </div>
        );
      })}
    </dl>
  );
}

function amountOf(value: JsonObject | readonly JsonValue[]): string {
  return Array.isArray(value) ? plural(value.length, "element") : plural(Object.keys(value).length, "member");
}

function Scalar({ value }: { readonly value: JsonValue }): React.ReactNode {
  const text = scalarText(value);
  if (typeof value !== "string") return <span className="tnum">{text}</span>;
  return (
    <>
      <bdi className="wrap-anywhere whitespace-pre-wrap">{text.slice(0, longestText)}</bdi>
      {text.length > longestText && (
        <span className="font-sans text-ink-soft">
          {" "}
          and {plural(text.length - longestText, "more character")}; all of them are in what is copied
        </span>
      )}
    </>
  );
}
