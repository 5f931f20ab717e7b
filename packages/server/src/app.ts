import compress from "@fastify/compress";
import type { RequestListener } from "node:http";
import Fastify, {
  LogController,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";
import type { ServerConfig } from "./config.ts";
import { hasCode } from "./data-folder.ts";
import { RequestError, ServerStartError, toApiError } from "./errors.ts";
import { requestIdOf } from "./operations/request-log.ts";
import type { TlsServers } from "./operations/tls.ts";

/** A request has to be there within this, its head and the whole of it, in milliseconds; looked at each so often. Ours. */
const headersTimeoutMs = 5_000;
const requestTimeoutMs = 15_000;
const timeoutCheckMs = 2_500;
/**
 * Answers from this size on are compressed, in bytes, fast rather than well. Ours: the analysis of eight hours is 5.8 MB, and 0.2 MB after
 * six milliseconds.
 */
const minCompressedBytes = 4_096;

/** The HTTP server without a route: its limits in time, its ids of requests, and how errors leave. */
export async function createApp(config: ServerConfig, tls: TlsServers | null): Promise<FastifyInstance> {
  const timeouts = {
    requestTimeout: requestTimeoutMs,
    headersTimeout: headersTimeoutMs,
    connectionsCheckingInterval: timeoutCheckMs,
  };
  const app = Fastify({
    logger: { level: config.logLevel },
    // Its lines would hold addresses, which hold ids of people and keys: see addRequestLog.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIdOf,
    forceCloseConnections: true,
    // A request that does not come to its end, body included, is given up. Ours.
    requestTimeout: requestTimeoutMs,
    ...(tls === null
      ? { http: timeouts }
      : { serverFactory: (listener: RequestListener) => tls.create(listener, timeouts) }),
    // A token in the path has up to 4,096 characters; what is longer is not ours.
    routerOptions: { maxParamLength: 5_000 },
    // An address that cannot even be decoded does not reach the routes and their error handler.
    frameworkErrors: answerError,
  });
  app.setErrorHandler(answerError);
  // For routes that use reply.compress(); it has to be there before they are.
  await app.register(compress, {
    global: false,
    encodings: ["gzip"],
    threshold: minCompressedBytes,
    zlibOptions: { level: 1 },
  });
  return app;
}

/**
 * Listens where the configuration says, and tells the port.
 * @throws ServerStartError `port-in-use`.
 */
export async function listen(app: FastifyInstance, { host, port }: ServerConfig): Promise<number> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    if (hasCode(error, "EADDRINUSE")) {
      throw new ServerStartError("port-in-use", `Port ${port} on ${host}. Set PORT to another one.`);
    }
    throw error;
  }
  const address = app.server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

/** Every failure of a request leaves as an ApiError with a code of the catalogue. */
function answerError(error: FastifyError | RequestError, request: FastifyRequest, reply: FastifyReply): void {
  if (error instanceof RequestError) {
    void reply.code(error.status).send(toApiError(error.code, error.message));
  } else if (error.statusCode !== undefined && error.statusCode < 500) {
    const refused = new RequestError("query-invalid", error.message);
    void reply.code(error.statusCode).send(toApiError(refused.code, refused.message));
  } else {
    request.log.error(error);
    const failed = new RequestError("server-error");
    void reply.code(failed.status).send(toApiError(failed.code, failed.message));
  }
}
