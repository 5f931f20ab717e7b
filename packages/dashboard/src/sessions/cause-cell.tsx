interface Props {
  readonly what: React.ReactNode;
  /** Whose side it was; null when nobody can say. */
  readonly where: string | null;
}

/** What went wrong, and whose side it was, in the two lines that a row has room for: to be read without opening anything. */
export function CauseCell({ what, where }: Props): React.ReactNode {
  return (
    <span className="line-clamp-2 leading-tight wrap-anywhere">
      {what}
      {where !== null && (
        <span className="ml-2 text-xs text-ink-soft @max-4xl:hidden" title={where}>
          {where}
        </span>
      )}
    </span>
  );
}
