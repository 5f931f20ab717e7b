import { memberKey, parseMemberKey, type StatsMember } from "../../worker/member-history.ts";

/** Charts at once; a screen is finite. Ours. */
const maxPins = 12;
/** What the link says is drawn. */
export function pinsOf(pin: string | undefined): readonly StatsMember[] {
  return (pin ?? "")
    .split(",")
    .flatMap((key) => parseMemberKey(key) ?? [])
    .slice(0, maxPins);
}

/** Adds or takes out a member; undefined when nothing is left. */
export function togglePin(pin: string | undefined, member: StatsMember): string | undefined {
  const key = memberKey(member);
  const keys = pinsOf(pin).map(memberKey);
  const next = keys.includes(key) ? keys.filter((other) => other !== key) : [...keys, key].slice(-maxPins);
  return next.length === 0 ? undefined : next.join(",");
}
