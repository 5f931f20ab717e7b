import { createHmac } from "node:crypto";
import { pseudonymPrefix } from "@peerscope/interop";

/** Bytes of a pseudonym: enough that no two of a project meet. */
const pseudonymBytes = 16;

/** What stands for a user id or the name of a device in a project. Without the salt nobody can tell what it stands for. */
export function pseudonymOf(salt: string, text: string): string {
  const digest = createHmac("sha256", Buffer.from(salt, "base64url")).update(text).digest();
  return pseudonymPrefix + digest.subarray(0, pseudonymBytes).toString("base64url");
}
