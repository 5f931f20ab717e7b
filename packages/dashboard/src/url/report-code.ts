/** Characters of a report code: none of them looks like another one, and neither like I, O, 0 or 1. */
const characters = "23456789ABCDEFGH";
const pattern = new RegExp(`^([${characters}]{3})[\\s-]?([${characters}]{3})$`);

/** Whether a text is a code of `reportIssue()` as people write it down: "7c2 f9a", "7C2F9A". */
export function isReportCode(text: string): boolean {
  return pattern.test(text.trim().toUpperCase());
}

/** "7c2 f9a" as it was given: "7C2-F9A". Anything else as it is, in capitals. */
export function toReportCode(text: string): string {
  return text.trim().toUpperCase().replace(pattern, "$1-$2");
}

/** All codes that differ in one character: what was misheard, or mistyped. */
export function nearReportCodes(code: string): string[] {
  const own = toReportCode(code);
  return own.split("").flatMap((character, place) =>
    character === "-"
      ? []
      : characters
          .split("")
          .filter((other) => other !== character)
          .map((other) => `${own.slice(0, place)}${other}${own.slice(place + 1)}`),
  );
}

/** Name of the tag in which the code of a session's first report is kept; of the next one it ends with 2, and so on. */
export const firstReportTag = "issue-1";

/** The code among the tags of a session, or one of several; null when it has none of them. */
export function reportCodeIn(
  tags: Readonly<Record<string, string>>,
  codes: readonly string[],
): string | null {
  const found = Object.entries(tags).find(([key, value]) => /^issue-\d+$/.test(key) && codes.includes(value));
  return found?.[1] ?? null;
}
