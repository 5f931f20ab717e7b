const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/**
 * A new session id: 128 random bits as 22 characters that need no escaping in a URL (base64url, RFC 4648 §5, without
 * padding). `random` gives that many random bytes, from the runtime's cryptographic source.
 */
export const createSessionId = (random: (count: number) => Uint8Array): string => {
  let id = "";
  let bits = 0;
  let count = 0;
  for (const byte of random(16)) {
    bits = (bits << 8) | byte;
    for (count += 8; count >= 6; count -= 6) id += alphabet[(bits >> (count - 6)) & 63];
    bits &= 63;
  }
  return id + alphabet[(bits << (6 - count)) & 63];
};

/** True for what a server accepts as the id of a session: 8 to 64 letters, digits, hyphens and underscores. */
export const isSessionId = (text: unknown): text is string =>
  typeof text === "string" && /^[A-Za-z0-9_-]{8,64}$/.test(text);
