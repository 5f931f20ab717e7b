export { readServerConfig, ServerConfigError, type ServerConfig } from "./config.ts";
export { errorCatalog, ServerStartError } from "./errors.ts";
export { startServer, type ImportedSession, type RunningServer } from "./server.ts";
