import type { FastifyBaseLogger } from "fastify";
import type { WriteBounded } from "../operations/line-limit.ts";
import type { ForeignEvents } from "./foreign-server.ts";

/** Writes what happens to clients of other tools to the server's log. */
export function logForeignEvents(log: FastifyBaseLogger, bounded: WriteBounded): ForeignEvents {
  return {
    refused: (code, detail) =>
      bounded(code, (held) => log.info({ code, detail, ...held }, "a client of another tool was refused")),
    skipped: (sessionId, what) =>
      bounded("foreign-skipped", (held) =>
        log.info({ sessionId, ...what, ...held }, "a part of a foreign session was not used"),
      ),
    lost: (sessionId) =>
      bounded("foreign-lost", (held) =>
        log.warn({ sessionId, ...held }, "a record is too large for a frame"),
      ),
  };
}
