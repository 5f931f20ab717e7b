import type { Role } from "../access/me.ts";
import { control, Field } from "./parts.tsx";

/** What each role may do; each includes the one before. */
export const roleWords: readonly { readonly role: Role; readonly name: string; readonly may: string }[] = [
  { role: "viewer", name: "Viewer", may: "sees sessions, calls and notes, and keeps saved views." },
  { role: "analyst", name: "Analyst", may: "also writes notes and shares views." },
  {
    role: "admin",
    name: "Admin",
    may: "also changes the project: keys, privacy, retention, thresholds, members; erases and exports.",
  },
];

interface Props {
  readonly label: string;
  /** False: the name is for screen readers only. */
  readonly isShown?: boolean;
  readonly value: Role;
  readonly onRole: (role: Role) => void;
}

export function RoleSelect({ label, isShown = false, value, onRole }: Props): React.ReactNode {
  const select = (ids: { readonly id?: string; readonly "aria-label"?: string }): React.ReactNode => (
    <select
      {...ids}
      className={control}
      value={value}
      onChange={(event) =>
        onRole(roleWords.find(({ role }) => role === event.target.value)?.role ?? "viewer")
      }
    >
      {roleWords.map(({ role, name }) => (
        <option key={role} value={role}>
          {name}
        </option>
      ))}
    </select>
  );
  return isShown ? <Field label={label}>{(ids) => select(ids)}</Field> : select({ "aria-label": label });
}
