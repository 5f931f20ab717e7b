import type { ApiToken } from "../settings/settings.ts";
import { hashOfSecret, newId, newSecret } from "./secrets.ts";

const dayMs = 86_400_000;

/** A new token, to be kept, and what its program sends, to be shown once: "ps_" and 43 characters. */
export function makeApiToken(
  {
    expiresInDays,
    ...about
  }: Pick<ApiToken, "label" | "createdBy" | "isServerAdmin" | "roles"> & {
    readonly expiresInDays: number | null;
  },
  now: number,
): { readonly token: ApiToken; readonly secret: string } {
  const secret = `ps_${newSecret()}`;
  const token: ApiToken = {
    tokenId: newId("t"),
    ...about,
    tokenHash: hashOfSecret(secret),
    createdAt: now,
    expiresAt: expiresInDays === null ? null : now + expiresInDays * dayMs,
    revokedAt: null,
    lastUsedAt: null,
  };
  return { token, secret };
}
