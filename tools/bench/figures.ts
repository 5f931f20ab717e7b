/** What a benchmark prints, for people as a table and for programs as JSON. */
export interface Figure {
  /** What was measured on: a recorded call, a number of objects. */
  readonly subject: string;
  /** Whose figure it is. */
  readonly candidate: string;
  readonly measure: string;
  readonly value: number;
  readonly unit: string;
  /** Bound of our own figure. */
  readonly atMost?: number;
  readonly atLeast?: number;
}

export interface BenchmarkResult {
  readonly benchmark: string;
  readonly at: string;
  readonly node: string;
  readonly browser?: string;
  readonly figures: readonly Figure[];
}

export const isHeld = ({ value, atMost = Infinity, atLeast = -Infinity }: Figure): boolean =>
  value <= atMost && value >= atLeast;

const formatValue = (value: number): string => {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US").replaceAll(",", " ");
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 3);
};

const boundOf = (figure: Figure): string => {
  const { atMost, atLeast } = figure;
  if (atMost === undefined && atLeast === undefined) return "";
  const bound =
    atMost === undefined ? `at least ${formatValue(atLeast ?? 0)}` : `at most ${formatValue(atMost)}`;
  return `${bound}: ${isHeld(figure) ? "held" : "NOT HELD"}`;
};

/** A Markdown table, so that it can go into the documentation as it is. */
export function printFigures({ figures }: BenchmarkResult): string {
  const rows = [
    ["on", "measure", "candidate", "value", "unit", "bound"],
    ...figures.map((figure) => [
      figure.subject,
      figure.measure,
      figure.candidate,
      formatValue(figure.value),
      figure.unit,
      boundOf(figure),
    ]),
  ];
  const widths =
    rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length))) ?? [];
  const line = (cells: readonly string[], fill: string): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(" | ")} |`;
  const [head = [], ...body] = rows.map((row) => line(row, " "));
  return [
    head,
    line(
      widths.map(() => ""),
      "-",
    ),
    ...body,
  ].join("\n");
}

/** The value below which this share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
