import { createDocumentScanner, type DocumentScanner } from "../document-scanner.ts";
import { parseJson } from "../json.ts";
import { createLineSplitter, longestLineBytes, type LineSplitter } from "../lines.ts";
import type { ForeignReader, ForeignSink } from "../reader.ts";
import { createObserverTcSession, type ObserverTcOptions, type ObserverTcSession } from "./session.ts";

/** Bytes that wait until it is clear what the file is. */
const headBytes = 64;

/**
 * Reads a file of ObserveRTC samples: JSON lines (each a sample, an array of them, or either in an envelope), one JSON document, lines
 * of base64, or one protobuf message.
 */
export function createObserverTcReader(sink: ForeignSink, options: ObserverTcOptions = {}): ForeignReader {
  const session = createObserverTcSession(sink, options);
  let head = new Uint8Array(0);
  let body: Pick<LineSplitter, "push" | "end"> | null = null;

  function start(): Pick<LineSplitter, "push" | "end"> {
    const text = String.fromCharCode(...head).replace(/^\u00ef\u00bb\u00bf/, "");
    const first = text.trimStart();
    const firstLine = first.split("\n")[0]?.trim() ?? "";
    if (first.startsWith("[") || firstLine === "{") return createDocument(session, first.startsWith("["));
    if (first.startsWith("{") || /^[A-Za-z0-9+/=\s]+$/.test(text)) return createLines(session);
    return createWhole(session);
  }

  return {
    push(chunk) {
      if (body !== null) {
        body.push(chunk);
        return;
      }
      const joined = new Uint8Array(head.length + chunk.length);
      joined.set(head);
      joined.set(chunk, head.length);
      head = joined.subarray(0, headBytes);
      if (joined.length < headBytes) return;
      body = start();
      body.push(joined);
    },
    end() {
      if (body === null) {
        body = start();
        body.push(head);
      }
      body.end();
      return session.end();
    },
  };
}

function createLines(session: ObserverTcSession): LineSplitter {
  return createLineSplitter({
    line(text, place, { isCut }) {
      if (isCut && text.startsWith("{") && parseJson(text) === undefined) {
        session.skip("truncated", place, "the last line is cut off");
      } else session.text(text, place);
    },
    tooLong: (place) =>
      session.skip("limit-exceeded", place, `a line of more than ${longestLineBytes} bytes`),
  });
}

/** One document: an array whose entries are read one by one, or a single sample on several lines. */
function createDocument(session: ObserverTcSession, isArray: boolean): DocumentScanner {
  return createDocumentScanner(
    {
      isSequence: true,
      descend: (path) => isArray && path.length === 0,
      value: (_, text, offset) => session.text(text, { line: null, offset }),
    },
    { add: (code, place, reason) => session.skip(code, place, reason) },
  );
}

/** A single message. */
function createWhole(session: ObserverTcSession): Pick<LineSplitter, "push" | "end"> {
  const parts: Uint8Array[] = [];
  let size = 0;
  return {
    push(chunk) {
      size += chunk.length;
      if (size <= longestLineBytes) parts.push(new Uint8Array(chunk));
      else parts.length = 0;
    },
    end() {
      if (size > longestLineBytes) {
        session.skip(
          "limit-exceeded",
          { line: null, offset: 0 },
          `a message of more than ${longestLineBytes} bytes`,
        );
      } else if (size > 0) {
        const bytes = new Uint8Array(size);
        let at = 0;
        for (const part of parts) {
          bytes.set(part, at);
          at += part.length;
        }
        session.binary(bytes, { line: null, offset: 0 });
      }
    },
  };
}
