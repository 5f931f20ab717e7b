/** Numbers with at most three significant digits, as tiles and legends show them. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return String(Math.round(value));
  if (size >= 10) return trim(value.toFixed(1));
  if (size >= 1 || size === 0) return trim(value.toFixed(2));
  return trim(value.toFixed(size < 0.01 ? 4 : 3));
}

/** The same with its unit: "1.2 Mbit/s", "14 %", "82 ms". Bitrates from 1,000 kbit/s on are told in Mbit/s. */
export function withUnit(value: number, unit: string): string {
  if (unit === "kbit/s" && Math.abs(value) >= 1000) return `${short(value / 1000)} Mbit/s`;
  return unit === "" ? short(value) : `${short(value)} ${unit}`;
}

/** "1,284" */
export function count(value: number): string {
  return value.toLocaleString("en-GB");
}

/** "3 samples", "1 sample" */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** "812 B", "64 kB", "10.2 MB", "81.1 GB"; 1,000-based. */
export function byteSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${short(bytes / 1000)} kB`;
  if (bytes < 10_000_000_000) return `${short(bytes / 1_000_000)} MB`;
  return `${short(bytes / 1_000_000_000)} GB`;
}

function trim(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
