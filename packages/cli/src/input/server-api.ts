import { apiErrorSchema } from "@peerscope/schema/api";
import { CliError } from "../errors.ts";
import type { Terminal } from "../terminal.ts";
import { serverUrl } from "./server-connection.ts";

/** The API of a running server, as somebody with the token of PEERSCOPE_TOKEN, if there is one. */
export interface ServerApi {
  readonly server: URL;
  /**
   * An answer of the server that is not an error; its body is still to be read.
   * @throws CliError `server-unreachable`, or `request-refused` with the server's own code.
   */
  ask(
    path: string,
    query?: Readonly<Record<string, string>>,
    init?: Pick<RequestInit, "method" | "body">,
  ): Promise<Response>;
}

/** A server that does not begin to answer within this is not there, in milliseconds. Ours: an erasure takes twenty seconds. */
const answerTimeoutMs = 60_000;

/** @throws CliError `usage-invalid` for what is no http address. */
export function connectApi(address: string, env: Terminal["env"]): ServerApi {
  const server = serverUrl(address);
  const token = env["PEERSCOPE_TOKEN"] ?? "";
  return {
    server,
    async ask(path, query = {}, init = {}) {
      const url = new URL(path, server);
      url.search = new URLSearchParams(query).toString();
      const headers = {
        ...(init.body === undefined ? {} : { "content-type": "application/json" }),
        ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
      };
      const response = await begin(url, { ...init, headers });
      if (response.ok) return response;
      const error = apiErrorSchema.safeParse(await response.json().catch(() => null));
      if (!error.success)
        throw new CliError("server-unreachable", `${server.origin} (status ${response.status})`);
      throw new CliError("request-refused", `${error.data.error.code}: ${error.data.error.message}`);
    },
  };
}

/** Waits for the head of the answer; its body may take as long as it comes. */
async function begin(url: URL, init: RequestInit): Promise<Response> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error("no answer")), answerTimeoutMs);
  try {
    return await fetch(url, { ...init, signal: controller.signal });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CliError("server-unreachable", `${url.origin}${why === "" ? "" : ` (${why})`}`);
  } finally {
    clearTimeout(timer);
  }
}
