import { decodeUtf8 } from "../utf8.ts";

/** Text of bytes, null when they are not UTF-8. */
export function utf8OrNull(bytes: Uint8Array): string | null {
  const { text, isUtf8 } = decodeUtf8(bytes);
  return isUtf8 ? text : null;
}

/**
 * An identifier is text, or the sixteen bytes of a UUID when the app said so to its encoder; nothing on the wire tells. What can be
 * read as text is taken for text.
 */
export function identifierText(bytes: Uint8Array): string | null {
  const text = utf8OrNull(bytes);
  const isPrintable = text !== null && !/\p{Cc}/u.test(text);
  if (bytes.length !== 16 || isPrintable) return text;
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** True for a text that is nothing but base64 (RFC 4648 §4). */
export function isBase64(text: string): boolean {
  return text.length >= 4 && text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}

/** Bytes that a base64 text stands for. */
export function base64Bytes(text: string): Uint8Array {
  const characters = text.replace(/=+$/, "");
  const bytes = new Uint8Array(Math.floor((characters.length * 3) / 4));
  let bits = 0;
  let count = 0;
  let place = 0;
  for (const character of characters) {
    bits = ((bits << 6) | alphabet.indexOf(character)) & 0xff_ffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes[place] = (bits >> count) & 0xff;
    place += 1;
  }
  return bytes;
}
