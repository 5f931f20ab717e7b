import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { gunzipSync } from "node:zlib";
import { StatementError, type EngineSessions, type Statement } from "./engine-sessions.ts";

/** Largest request body, in bytes; also the most that a compressed one may become. Ours. */
export const maxBodyBytes: number = 256 << 20;

/** URL parameters of the ClickHouse HTTP interface that are not settings. */
const interfaceParameters = new Set([
  "query",
  "query_id",
  "database",
  "user",
  "password",
  "role",
  "session_id",
  "session_timeout",
  "session_check",
  "default_format",
  "compress",
  "decompress",
  "buffer_size",
  "wait_end_of_query",
  "quota_key",
  "client_protocol_version",
  // The engine answers in one piece and uncompressed, so these have nothing to act on.
  "enable_http_compression",
  "http_zlib_compression_level",
  "send_progress_in_http_headers",
  "http_headers_progress_interval_ms",
  "cancel_http_readonly_queries_on_client_close",
]);

export interface EngineFrontOptions {
  readonly engine: EngineSessions;
  readonly password: string;
}

/** The ClickHouse HTTP interface in front of the embedded engine, as far as its clients need it. */
export function createEngineFront(options: EngineFrontOptions): Server {
  const server = createServer((request, response) => {
    answer(options, request, response).catch((error: unknown) => sendError(response, error));
  });
  // ClickHouse clients keep connections; the default of 5 s makes them race with the close.
  server.keepAliveTimeout = 65_000;
  return server;
}

async function answer(
  { engine, password }: EngineFrontOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://localhost");
  if (url.pathname === "/ping") {
    request.resume();
    response.end("Ok.\n");
    return;
  }
  if (!isAllowed(request, url, password)) {
    request.resume();
    send(response, 401, 516, "Authentication failed: password is incorrect. (AUTHENTICATION_FAILED)");
    return;
  }
  if (url.pathname !== "/") {
    request.resume();
    send(response, 404, 0, `There is no handler ${url.pathname}.`);
    return;
  }
  const body = await readBody(request);
  const statement = toStatement(url, body);
  if (statement.sql.trim() === "") {
    response.end("Ok.\n");
    return;
  }
  const result = await engine.run(statement);
  const format = /\bformat\s+(\w+)\s*;?\s*$/i.exec(statement.sql)?.[1] ?? "TabSeparated";
  response.setHeader(
    "content-type",
    format.startsWith("JSON") ? "application/json; charset=UTF-8" : "text/plain",
  );
  response.setHeader("x-clickhouse-format", format);
  response.setHeader("x-clickhouse-query-id", url.searchParams.get("query_id") ?? "");
  response.setHeader("x-clickhouse-summary", "{}");
  response.end(result);
}

function toStatement(url: URL, body: Buffer): Statement {
  const settings = new Map<string, string>();
  const parameters = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    if (name.startsWith("param_")) parameters.set(name.slice("param_".length), value);
    else if (!interfaceParameters.has(name)) settings.set(name, value);
  }
  const query = url.searchParams.get("query");
  const defaultFormat = url.searchParams.get("default_format");
  const isInsert = query !== null && /^\s*insert\b/i.test(query) && !/\b(select|values)\b/i.test(query);
  const text = isInsert ? query : `${query ?? ""}${body.toString("utf8")}`.trim().replace(/;$/, "");
  const sql =
    defaultFormat !== null &&
    /^[\w]+$/.test(defaultFormat) &&
    /^\s*(select|with|show)\b/i.test(text) &&
    !/\bformat\s+\w+\s*$/i.test(text)
      ? `${text}\nFORMAT ${defaultFormat}`
      : text;
  return { sql, body: isInsert ? body : null, settings, parameters };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > maxBodyBytes) throw new StatementError(`The body is larger than ${maxBodyBytes} bytes.`);
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  const encoding = request.headers["content-encoding"] ?? "identity";
  if (encoding === "gzip") return gunzipSync(body, { maxOutputLength: maxBodyBytes });
  if (encoding !== "identity")
    throw new StatementError(`Content-Encoding ${encoding} is not supported; gzip is.`);
  return body;
}

function isAllowed(request: IncomingMessage, url: URL, password: string): boolean {
  const { authorization } = request.headers;
  const basic = authorization?.startsWith("Basic ")
    ? Buffer.from(authorization.slice("Basic ".length), "base64")
        .toString("utf8")
        .split(":")
        .slice(1)
        .join(":")
    : null;
  const given = basic ?? request.headers["x-clickhouse-key"] ?? url.searchParams.get("password") ?? "";
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(String(given)), digest(password));
}

function sendError(response: ServerResponse, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof StatementError) {
    send(response, 400, 48, `${message} (NOT_IMPLEMENTED)`);
    return;
  }
  const code = error instanceof Error && "clickhouseCode" in error ? Number(error.clickhouseCode) : 0;
  // Out of memory and overload can pass; everything else is the statement's fault, as ClickHouse sees it.
  send(response, code === 241 || code === 202 ? 503 : 500, code, message);
}

function send(response: ServerResponse, status: number, code: number, message: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // Clients parse "Code: N. DB::Exception: …".
  const text = message.startsWith("Code: ") ? message : `Code: ${code}. DB::Exception: ${message}`;
  response.writeHead(status, {
    "content-type": "text/plain; charset=UTF-8",
    "x-clickhouse-exception-code": String(code),
    connection: "close",
  });
  response.end(`${text}\n`);
}
