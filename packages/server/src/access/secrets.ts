import { createHash, randomBytes } from "node:crypto";

/** 256 random bits in 43 characters: nobody guesses it, so a plain hash of it may be kept. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** SHA-256, hexadecimal. */
export function hashOfSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** An id that says what it is of: `u_`, `t_`. */
export function newId(prefix: "u" | "t"): string {
  return `${prefix}_${randomBytes(12).toString("hex")}`;
}
