import type { FastifyInstance } from "fastify";
import type { Health, Readiness } from "@peerscope/schema/api";
import type { HealthReport } from "./health.ts";
import type { Metrics } from "./metrics.ts";

export interface OperationsRoutesOptions {
  readonly report: HealthReport;
  readonly metrics: Pick<Metrics, "registry">;
  /** What may read the metrics besides server admins; null: nothing. */
  readonly metricsToken: string | null;
}

/** What supervisors, load balancers and Prometheus ask. */
export function addOperationsRoutes(app: FastifyInstance, options: OperationsRoutesOptions): void {
  const { report, metrics } = options;
  const open = { config: { access: { kind: "public" } } } as const;

  app.get("/healthz", open, (): Health => report.health());

  app.get("/readyz", open, async (_request, reply): Promise<Readiness> => {
    const readiness = await report.readiness();
    void reply.code(readiness.ready ? 200 : 503).header("cache-control", "no-store");
    return readiness;
  });

  app.get(
    "/metrics",
    { config: { access: { kind: "server-admin", orToken: options.metricsToken } } },
    async (_request, reply) =>
      reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
}
