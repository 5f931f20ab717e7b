import { errorCatalog } from "../errors.ts";
import type { RefusalCode } from "./refusal-counters.ts";

/** What the one who sets an app up can do about a refusal; nothing where the message says it, or time does it. */
const hints: Partial<Readonly<Record<RefusalCode, string>>> = {
  "token-invalid":
    "Copy the key again: the page sends one that this server never gave out, or one that was cut off.",
  "token-key-unknown":
    "Set kid in the header of the token to the id of the key, as the list of keys shows it.",
  "token-algorithm-wrong": "Sign with the algorithm that the key was made for.",
  "token-signature-wrong": "The backend signs with another secret or private key than the one entered here.",
  "token-expiry-missing": "Give every token an exp; ten minutes are enough.",
  "token-expired":
    "Give the SDK a function as its token, so that it can fetch a fresh one when it connects again.",
  "token-not-yet-valid": "Set the clock of the machine that signs the tokens.",
  "token-audience-wrong": "Set aud in the token to the audience of the key.",
  "token-session-wrong":
    "Take sid out of the token, or set it to the id of the session that the token is for.",
  "token-too-long": "Leave claims out that Peerscope does not need.",
  "key-revoked": "Put a key into the page that is still good.",
  "key-withdrawn": "Put a key into the page that is still good.",
  "key-origin-wrong": "Add the address of the page to the allowed origins of the key.",
  "wire-version-unsupported":
    "The SDK in the page is older or newer than this server: load it from this server, or update the package.",
  "frame-version-unsupported":
    "The SDK in the page is older or newer than this server: load it from this server, or update the package.",
  "hello-expected": "Something else than the SDK connects to /ingest.",
  "hello-timeout": "Something else than the SDK connects to /ingest, or a proxy holds messages back.",
  "message-invalid": "Something else than the SDK connects to /ingest, or a proxy changes messages.",
  "project-sessions-exceeded": "Raise the limit of sessions at the same time of this project.",
  "address-sessions-exceeded":
    "Behind a proxy, name it in PEERSCOPE_TRUSTED_PROXIES, so that clients are counted one by one.",
  "address-connections-exceeded":
    "Behind a proxy, name it in PEERSCOPE_TRUSTED_PROXIES, so that clients are counted one by one.",
  "disk-full": "Free space on the disk of the server.",
  "observertc-key-invalid": "Put a key of this project into the address: /observertc/<key>.",
  "rtcstats-key-missing": "Put a key of this project into the address.",
};

/** What a code means, in one sentence, and what to do about it; null when there is nothing to say. */
export function refusalWords(code: RefusalCode): { readonly message: string; readonly hint: string | null } {
  const { ingest, frames, foreign } = errorCatalog;
  const known: Readonly<Record<string, { readonly message: string }>> = { ...ingest, ...frames, ...foreign };
  const message = known[code]?.message ?? "A connection that said nothing was closed to make room.";
  return { message, hint: hints[code] ?? null };
}
