/** Longest text whose length fits into the second byte of a frame, RFC 6455 §5.2. */
const maxShortLength = 125;

/**
 * The frame of a WebSocket that carries a short text, as a string in which each character is a byte: to be written as "latin1".
 *
 * `ws` writes a frame as two pieces that Node puts into a list first. An acknowledgement leaves for each frame that came, and as one string it
 * takes neither buffers nor a list.
 *
 * @param text - At most 125 characters of ASCII.
 * @returns The frame of a server, which is not masked; null when the text is longer or is not ASCII.
 */
export function shortTextFrame(text: string): string | null {
  if (text.length > maxShortLength) return null;
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) return null;
  return `\u0081${String.fromCharCode(text.length)}${text}`;
}
