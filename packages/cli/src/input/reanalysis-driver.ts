import { readServerConfig, startServer } from "@peerscope/server";
import {
  apiErrorSchema,
  reanalysisPageSchema,
  reanalysisSchema,
  type ReanalysisPage,
  type ReanalysisRequest,
} from "@peerscope/schema/api";
import { CliError } from "../errors.ts";
import type { Terminal } from "../terminal.ts";
import { request, serverUrl } from "./server-connection.ts";

/** A server that analyses old sessions again: one that runs, or one that is started for it. */
export interface ReanalysisDriver {
  start(projectId: string, request: ReanalysisRequest): Promise<void>;
  page(projectId: string, from: number, limit: number): Promise<ReanalysisPage>;
  cancel(projectId: string): Promise<void>;
  close(): Promise<void>;
}

/** A running server. Users of it need an API token of a project admin in PEERSCOPE_TOKEN. */
export function remoteReanalysis(address: string, env: Terminal["env"]): ReanalysisDriver {
  const server = serverUrl(address);
  const token = env["PEERSCOPE_TOKEN"];
  const headers = {
    "content-type": "application/json",
    ...(token === undefined || token === "" ? {} : { authorization: `Bearer ${token}` }),
  };
  const url = (projectId: string): URL =>
    new URL(`/api/projects/${encodeURIComponent(projectId)}/reanalyze`, server);

  async function ask(target: URL, init: RequestInit): Promise<unknown> {
    const response = await request(target, { ...init, headers });
    const body: unknown = await response.json().catch(() => null);
    if (response.ok) return body;
    const error = apiErrorSchema.safeParse(body);
    if (!error.success)
      throw new CliError("server-unreachable", `${server.origin} (status ${response.status})`);
    throw new CliError("request-refused", `${error.data.error.code}: ${error.data.error.message}`);
  }

  return {
    async start(projectId, wanted) {
      reanalysisSchema.parse(await ask(url(projectId), { method: "POST", body: JSON.stringify(wanted) }));
    },
    async page(projectId, from, limit) {
      const target = url(projectId);
      target.search = new URLSearchParams({ from: String(from), limit: String(limit) }).toString();
      return reanalysisPageSchema.parse(await ask(target, { method: "GET" }));
    },
    async cancel(projectId) {
      await ask(url(projectId), { method: "DELETE" });
    },
    close: () => Promise.resolve(),
  };
}

/** A data folder whose server is stopped: one is started that only this machine could reach. */
export async function localReanalysis(dataFolder: string, env: Terminal["env"]): Promise<ReanalysisDriver> {
  const config = readServerConfig({ ...env, PEERSCOPE_DATA: dataFolder });
  const server = await startServer({ ...config, host: "127.0.0.1", port: 0 });
  return {
    async start(projectId, wanted) {
      try {
        server.reanalyser.start(projectId, wanted);
      } catch (error) {
        await server.stop();
        throw new CliError("request-refused", error instanceof Error ? error.message : String(error));
      }
    },
    page: (projectId, from, limit) => Promise.resolve(server.reanalyser.page(projectId, from, limit)),
    cancel: async (projectId) => void server.reanalyser.cancel(projectId),
    close: () => server.stop(),
  };
}
