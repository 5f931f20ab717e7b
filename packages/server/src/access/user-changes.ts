import { RequestError } from "../errors.ts";
import type { Settings, User } from "../settings/settings.ts";

/** Runs changes of users one after the other: each reads what is there and writes the whole of it. */
export type OneAfterTheOther = <Result>(change: () => Promise<Result>) => Promise<Result>;

export function createOneAfterTheOther(): OneAfterTheOther {
  let last: Promise<unknown> = Promise.resolve();
  return (change) => {
    const result = last.then(change, change);
    last = result.catch(() => {});
    return result;
  };
}

/** Somebody who can undo whatever was changed. */
export function isUsableAdmin(user: User, hasOidc: boolean): boolean {
  return user.isServerAdmin && user.disabledAt === null && (user.passwordHash !== null || hasOidc);
}

/**
 * @param changed the user as they will be; null when they go
 * @throws RequestError `admin-last` when nobody would be left who administers the server.
 */
export async function demandAdminAfter(
  settings: Pick<Settings, "users">,
  userId: string,
  changed: User | null,
  hasOidc: boolean,
): Promise<void> {
  if (changed !== null && isUsableAdmin(changed, hasOidc)) return;
  const others = (await settings.users()).filter((user) => user.userId !== userId);
  if (!others.some((user) => isUsableAdmin(user, hasOidc))) throw new RequestError("admin-last");
}
