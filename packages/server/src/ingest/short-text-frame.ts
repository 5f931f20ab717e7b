/** The first byte of a text message of one frame (RFC 6455 §5.2): final, text. */
const finalText = "\u0081";
/** Lengths beyond it do not fit into the second byte. */
const maxLength = 125;

/**
 * A WebSocket text message of a server, as characters of one byte each. `ws` makes two pieces of a message, which a socket writes as a
 * list; for messages as small as an acknowledgement one string costs a third less, with the system's share in it.
 * @param text ASCII, at most 125 characters.
 */
export function shortTextFrame(text: string): string {
  if (text.length > maxLength) throw new Error("a short text has at most 125 characters");
  return finalText + String.fromCharCode(text.length) + text;
}
