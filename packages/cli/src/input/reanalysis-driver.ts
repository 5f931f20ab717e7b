import { readServerConfig, startServer } from "@peerscope/server";
import {
  reanalysisPageSchema,
  reanalysisSchema,
  type ReanalysisPage,
  type ReanalysisRequest,
} from "@peerscope/schema/api";
import { CliError } from "../errors.ts";
import type { Terminal } from "../terminal.ts";
import { connectApi } from "./server-api.ts";

/** A server that analyses old sessions again: one that runs, or one that is started for it. */
export interface ReanalysisDriver {
  start(projectId: string, request: ReanalysisRequest): Promise<void>;
  page(projectId: string, from: number, limit: number): Promise<ReanalysisPage>;
  cancel(projectId: string): Promise<void>;
  close(): Promise<void>;
}

/** A running server. Users of it need an API token of a project admin in PEERSCOPE_TOKEN. */
export function remoteReanalysis(address: string, env: Terminal["env"]): ReanalysisDriver {
  const api = connectApi(address, env);
  const path = (projectId: string): string => `/api/projects/${encodeURIComponent(projectId)}/reanalyze`;

  return {
    async start(projectId, wanted) {
      const init = { method: "POST", body: JSON.stringify(wanted) };
      reanalysisSchema.parse(await (await api.ask(path(projectId), {}, init)).json());
    },
    async page(projectId, from, limit) {
      const query = { from: String(from), limit: String(limit) };
      return reanalysisPageSchema.parse(await (await api.ask(path(projectId), query)).json());
    },
    async cancel(projectId) {
      const answer = await api.ask(path(projectId), {}, { method: "DELETE" });
      await answer.body?.cancel();
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
