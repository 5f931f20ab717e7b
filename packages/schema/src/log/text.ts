/**
 * TextEncoder and TextDecoder exist in every runtime this package runs in, but not in TypeScript's ES2023 library.
 * This is the part of them that is used here.
 */
interface Utf8Encoder {
  encode(text: string): Uint8Array;
}
interface Utf8Decoder {
  decode(bytes: Uint8Array): string;
}
declare const TextEncoder: new () => Utf8Encoder;
declare const TextDecoder: new (label: "utf-8", options: { fatal: true; ignoreBOM: true }) => Utf8Decoder;

/** UTF-8 bytes of a text. Lone surrogates would become U+FFFD: callers keep them away. */
export const utf8Bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

let decoder: Utf8Decoder | undefined;

/** Text of UTF-8 bytes; a leading byte order mark is part of the text. Throws a TypeError on bytes that are not UTF-8. */
export const utf8Text = (bytes: Uint8Array): string =>
  (decoder ??= new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })).decode(bytes);
