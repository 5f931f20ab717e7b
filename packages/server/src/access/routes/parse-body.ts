import type { z } from "zod";
import { RequestError } from "../../errors.ts";

/** @throws RequestError `query-invalid` naming the member; never its value, which may be a secret. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = issue?.path.join(".") ?? "";
  throw new RequestError("query-invalid", `${at === "" ? "body" : at}: ${issue?.message ?? ""}`);
}
