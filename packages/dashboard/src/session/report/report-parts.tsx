/** Parts that the sections of a report share. */

export function ReportSection({
  title,
  children,
}: {
  readonly title: string;
  readonly children: React.ReactNode;
}): React.ReactNode {
  return (
    <section className="mt-5" aria-label={title}>
      <h2 className="mb-1 break-after-avoid text-sm font-semibold">{title}</h2>
      {children}
    </section>
  );
}

/** Lines of a verdict, all of them: nothing folds on paper. */
export function ReportList({
  lines,
  none,
}: {
  readonly lines: readonly string[];
  readonly none: string;
}): React.ReactNode {
  if (lines.length === 0) return <p className="text-table text-ink-soft">{none}</p>;
  return (
    <ul className="flex list-disc flex-col gap-1 pl-4 text-table wrap-anywhere">
      {lines.map((line) => (
        <li key={line} className="break-inside-avoid">
          {line}
        </li>
      ))}
    </ul>
  );
}

/** Names with their values; what nobody told is left out. */
export function Facts({
  facts,
}: {
  readonly facts: readonly (readonly [string, string | null])[];
}): React.ReactNode {
  const known = facts.filter(([, value]) => value !== null && value !== "");
  if (known.length === 0) return null;
  return (
    <dl className="mt-3 grid break-inside-avoid grid-cols-[7rem_minmax(0,1fr)] gap-x-3 gap-y-0.5 text-table">
      {known.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-ink-soft">{name}</dt>
          <dd className="wrap-anywhere">
            <bdi>{value}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  );
}
