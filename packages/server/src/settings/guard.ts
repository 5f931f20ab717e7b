import { RequestError } from "../errors.ts";
import { whileBusy } from "./database.ts";

/** Runs something against the database, perhaps more than once; see `Settings` for what it rejects with. */
export type Guard = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** How long a request waits for another process that writes to the same file, in milliseconds. Ours. */
const busyTimeoutMs = 2_000;

/** @param onProblem told of every failure that is not the fault of the one who asks. */
export function createGuard(onProblem: (error: unknown) => void): Guard {
  return async (work) => {
    try {
      return await whileBusy(busyTimeoutMs, work);
    } catch (error) {
      if (error instanceof RequestError) throw error;
      if (isConstraint(error)) throw new RequestError("settings-conflict");
      onProblem(error);
      throw Object.assign(new RequestError("settings-unavailable"), { cause: error });
    }
  };
}

/** PostgreSQL: class 23, integrity constraint violation. SQLite: SQLITE_CONSTRAINT and its kinds. */
function isConstraint(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return /^(23\d{3}|SQLITE_CONSTRAINT(_.*)?)$/.test(String(error.code));
}
