/** Link to what is on the screen now, with some of its view state replaced. */
export function viewLink(patch: Readonly<Record<string, string | undefined>> = {}): string {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(patch)) {
    if (value === undefined) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  return url.href;
}
