import { createPublicKey, type KeyObject } from "node:crypto";
import { settingsLimits } from "@peerscope/schema/api";
import { RequestError } from "../errors.ts";
import type { IngestKey } from "./settings.ts";

type Algorithm = Extract<IngestKey, { kind: "jwt" }>["algorithm"];

/**
 * The key in the one form in which it is kept: a secret as base64url without padding, a public key as SPKI PEM.
 * @throws RequestError `query-invalid` for a key that does not go with the algorithm; the message never has the key.
 */
export function usableKey(algorithm: Algorithm, key: string): string {
  return algorithm === "HS256" ? usableSecret(key) : usablePublicKey(algorithm, key);
}

function usableSecret(key: string): string {
  if (!/^[A-Za-z0-9_-]+={0,2}$/.test(key)) refuse("must be base64url");
  const secret = Buffer.from(key, "base64url");
  const { secretBytesLeast, secretBytesMost } = settingsLimits;
  if (secret.length < secretBytesLeast || secret.length > secretBytesMost)
    refuse(`must have ${secretBytesLeast} to ${secretBytesMost} bytes, and has ${secret.length}`);
  return secret.toString("base64url");
}

function usablePublicKey(algorithm: "ES256" | "EdDSA", key: string): string {
  // Node would make a public key out of a private one. A private key has no business here.
  if (!key.startsWith("-----BEGIN PUBLIC KEY-----"))
    refuse("must be a public key as PEM (-----BEGIN PUBLIC KEY-----)");
  const publicKey = readPublicKey(key);
  if (publicKey === null || !goesWith(algorithm, publicKey))
    refuse(
      algorithm === "ES256" ? "must be a public key of the curve P-256" : "must be a public key of Ed25519",
    );
  return publicKey.export({ type: "spki", format: "pem" }).toString();
}

function readPublicKey(key: string): KeyObject | null {
  try {
    return createPublicKey({ key, format: "pem", type: "spki" });
  } catch {
    return null;
  }
}

function goesWith(algorithm: "ES256" | "EdDSA", key: KeyObject): boolean {
  if (algorithm === "EdDSA") return key.asymmetricKeyType === "ed25519";
  return key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === "prime256v1";
}

function refuse(what: string): never {
  throw new RequestError("query-invalid", `key: ${what}.`);
}
