import type { ImportServer } from "@peerscope/interop";
import { apiErrorSchema, projectSchema } from "@peerscope/schema/api";
import { CliError } from "../errors.ts";
import type { Terminal } from "../terminal.ts";

/** Where `peerscope serve` listens when nothing else is said. */
export const defaultServerUrl = "http://127.0.0.1:8080";

/** A server that does not answer within this is not there, in milliseconds. Ours: above the 10 s that it gives its disk. */
const answerTimeoutMs = 30_000;
/** Bytes of a log that show its first frame. */
const logHeadBytes = 65_536;

/**
 * A running server, by its address. Without a key the server is asked for the one of its project.
 * @throws CliError `server-unreachable` when nothing answers, or something else does.
 */
export async function connectServer(
  address: string,
  key: string | undefined,
  env: Terminal["env"],
): Promise<ImportServer> {
  const url = serverUrl(address);
  const token = key ?? (await askKey(url, env));
  return {
    token,
    async post(body) {
      const response = await request(new URL("/ingest", url), env, { method: "POST", body });
      return { status: response.status, text: await response.text() };
    },
    async logHead(sessionId) {
      const response = await request(new URL(`/api/sessions/${sessionId}/log?from=0`, url), env);
      if (!response.ok || response.body === null) {
        await response.body?.cancel();
        return null;
      }
      const parts: Uint8Array[] = [];
      let size = 0;
      const reader = response.body.getReader();
      while (size < logHeadBytes) {
        const { done, value } = await reader.read();
        if (done) break;
        parts.push(value);
        size += value.byteLength;
      }
      await reader.cancel();
      return Buffer.concat(parts);
    },
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}

/** @throws CliError `usage-invalid` for what is no http address. */
export function serverUrl(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new CliError("usage-invalid", `--url ${address}: not an http:// or https:// address`);
  return url;
}

/**
 * A request with the API token of PEERSCOPE_TOKEN, if there is one.
 * @throws CliError `server-unreachable`; `request-refused` when it takes a token, or another one.
 */
export async function request(url: URL, env: Terminal["env"], init: RequestInit = {}): Promise<Response> {
  const token = env["PEERSCOPE_TOKEN"] ?? "";
  const headers = token === "" ? {} : { authorization: `Bearer ${token}` };
  const response = await begin(url, { ...init, headers });
  if (response.status !== 401 && response.status !== 403) return response;
  const error = apiErrorSchema.safeParse(await response.json().catch(() => null));
  throw error.success
    ? new CliError("request-refused", `${error.data.error.code}: ${error.data.error.message}`)
    : new CliError("server-unreachable", `${url.origin} (status ${response.status})`);
}

async function begin(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(answerTimeoutMs) });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CliError("server-unreachable", `${url.origin}${why === "" ? "" : ` (${why})`}`);
  }
}

async function askKey(url: URL, env: Terminal["env"]): Promise<string> {
  const response = await request(new URL("/api/project", url), env);
  const project = projectSchema.safeParse(await response.json().catch(() => null));
  if (!project.success) throw new CliError("server-unreachable", `${url.origin} (no Peerscope server)`);
  return project.data.ingestKey;
}
