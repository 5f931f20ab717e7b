import { setTimeout as pause } from "node:timers/promises";
import { readServerConfig, startServer } from "@peerscope/server";
import { erasureReceiptSchema, type ErasureReceipt } from "@peerscope/schema/api";
import { CliError } from "../errors.ts";
import type { Terminal } from "../terminal.ts";
import { connectApi } from "./server-api.ts";

/** Whose data. */
export interface DataSubject {
  readonly kind: "user" | "session" | "call";
  readonly value: string;
}

/** What erases: a server that runs, or one that is started for it. */
export interface ErasureDriver {
  erase(projectId: string, subject: DataSubject, dryRun: boolean): Promise<ErasureReceipt>;
  receipt(projectId: string, erasureId: string): Promise<ErasureReceipt>;
  close(): Promise<void>;
}

/** A running server. Users of it need an API token of a project admin in PEERSCOPE_TOKEN. */
export function remoteErasure(address: string, env: Terminal["env"]): ErasureDriver {
  const api = connectApi(address, env);
  const project = (projectId: string): string => `/api/projects/${encodeURIComponent(projectId)}`;
  return {
    async erase(projectId, { kind, value }, dryRun) {
      const query = { [kind]: value, ...(dryRun ? { dryRun: "true" } : {}) };
      const answer = await api.ask(`${project(projectId)}/data`, query, { method: "DELETE" });
      return erasureReceiptSchema.parse(await answer.json());
    },
    async receipt(projectId, erasureId) {
      const answer = await api.ask(`${project(projectId)}/erasures/${encodeURIComponent(erasureId)}`);
      return erasureReceiptSchema.parse(await answer.json());
    },
    close: () => Promise.resolve(),
  };
}

/** The store of a server that was just started needs some seconds; it is waited for so long, in milliseconds. Ours. */
const storeWaitMs = 60_000;
const pollMs = 200;

/** A data folder whose server is stopped: one is started that only this machine could reach. */
export async function localErasure(dataFolder: string, env: Terminal["env"]): Promise<ErasureDriver> {
  const config = readServerConfig({ ...env, PEERSCOPE_DATA: dataFolder });
  const server = await startServer({ ...config, host: "127.0.0.1", port: 0 });
  const by = { actor: "cli:", actorName: "command line" };

  /** Asks again until all is done, or nothing more is to be hoped for. */
  async function settled(ask: () => Promise<ErasureReceipt | null>): Promise<ErasureReceipt> {
    const deadline = Date.now() + storeWaitMs;
    for (;;) {
      const receipt = await ask();
      if (receipt === null) throw new CliError("request-refused", "erasure-unknown");
      if (receipt.unreached.length === 0 || Date.now() > deadline) return receipt;
      await pause(pollMs);
    }
  }

  return {
    async erase(projectId, subject, dryRun) {
      try {
        if (dryRun) return await settled(() => server.erasures.preview(projectId, subject, by));
        const { erasureId } = await server.erasures.request(projectId, subject, by, storeWaitMs);
        return await settled(async () => server.erasures.receipt(projectId, erasureId ?? ""));
      } catch (error) {
        if (error instanceof CliError) throw error;
        throw new CliError("request-refused", error instanceof Error ? error.message : String(error));
      }
    },
    receipt: (projectId, erasureId) => settled(async () => server.erasures.receipt(projectId, erasureId)),
    close: () => server.stop(),
  };
}
