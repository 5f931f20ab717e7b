/** TextDecoder exists in every runtime this package runs in, but not in TypeScript's ES2023 library: the part that is used here. */
interface Utf8Decoder {
  decode(bytes: Uint8Array): string;
}
declare const TextDecoder: new (label: "utf-8", options?: { fatal: true }) => Utf8Decoder;

let strict: Utf8Decoder | undefined;
let lenient: Utf8Decoder | undefined;

/** Text of bytes; `isUtf8` is false when some had to be replaced by U+FFFD. A byte order mark is no part of it. */
export function decodeUtf8(bytes: Uint8Array): { readonly text: string; readonly isUtf8: boolean } {
  try {
    return { text: (strict ??= new TextDecoder("utf-8", { fatal: true })).decode(bytes), isUtf8: true };
  } catch {
    return { text: (lenient ??= new TextDecoder("utf-8")).decode(bytes), isUtf8: false };
  }
}
