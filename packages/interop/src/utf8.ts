/** TextDecoder exists in every runtime this package runs in, but not in TypeScript's ES2023 library: the part that is used here. */
interface Utf8Decoder {
  decode(bytes: Uint8Array): string;
}
declare const TextDecoder: new (
  label: "utf-8",
  options: { readonly ignoreBOM: true } | { readonly fatal: true },
) => Utf8Decoder;

let decoder: Utf8Decoder | undefined;

/** Text of bytes; what is not UTF-8 becomes U+FFFD, so that one bad byte does not cost what is around it. */
export function utf8Text(bytes: Uint8Array): string {
  decoder ??= new TextDecoder("utf-8", { ignoreBOM: true });
  return decoder.decode(bytes);
}

let strict: Utf8Decoder | undefined;

/** Text of bytes without a byte order mark; `isUtf8` is false when some of them had to be replaced. */
export function decodeUtf8(bytes: Uint8Array): { readonly text: string; readonly isUtf8: boolean } {
  try {
    return { text: (strict ??= new TextDecoder("utf-8", { fatal: true })).decode(bytes), isUtf8: true };
  } catch {
    return { text: utf8Text(bytes), isUtf8: false };
  }
}
