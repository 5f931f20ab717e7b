/** Origins as one types them: one a line, or separated by commas and spaces. */
export function readOrigins(text: string): string[] {
  const lines = text
    .split(/[\s,]+/)
    .map((line) => line.trim().toLowerCase().replace(/\/+$/, ""))
    .filter((line) => line !== "");
  return [...new Set(lines)];
}
