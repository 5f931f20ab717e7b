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

const formatCell = (figure: Figure | undefined): string => {
  if (figure === undefined) return "";
  const { value, atMost, atLeast } = figure;
  const bound = atMost ?? atLeast;
  if (bound === undefined) return formatValue(value);
  const sign = atMost === undefined ? "≥" : "≤";
  return `**${formatValue(value)}** (${sign} ${formatValue(bound)}: ${isHeld(figure) ? "held" : "NOT HELD"})`;
};

const formatRow = (cells: readonly string[], widths: readonly number[], fill = " "): string =>
  `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(" | ")} |`;

/** A Markdown table for each measure, so that it can go into the documentation as it is: candidates by subjects. */
export function printFigures({ figures }: BenchmarkResult): string {
  const measures = new Set(
    figures.map(({ measure, unit }) => (unit === "" ? measure : `${measure}, ${unit}`)),
  );
  const tables = [...measures].map((title) => {
    const own = figures.filter(
      ({ measure, unit }) => title === (unit === "" ? measure : `${measure}, ${unit}`),
    );
    const subjects = [...new Set(own.map(({ subject }) => subject))];
    const candidates = [...new Set(own.map(({ candidate }) => candidate))];
    const rows = [
      [title, ...subjects],
      ...candidates.map((candidate) => [
        candidate,
        ...subjects.map((subject) =>
          formatCell(own.find((figure) => figure.subject === subject && figure.candidate === candidate)),
        ),
      ]),
    ];
    const widths = [title, ...subjects].map((_, column) =>
      Math.max(...rows.map((row) => (row[column] ?? "").length)),
    );
    const [head = [], ...body] = rows;
    return [
      formatRow(head, widths),
      formatRow(
        head.map(() => ""),
        widths,
        "-",
      ),
      ...body.map((row) => formatRow(row, widths)),
    ].join("\n");
  });
  return tables.join("\n\n");
}

/** The value below which this share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
