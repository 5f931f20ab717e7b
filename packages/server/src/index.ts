export {
  AdministrationError,
  openAdministration,
  type Administration,
  type AdministrationOptions,
} from "./access/administration.ts";
export { readServerConfig, ServerConfigError, type ServerConfig } from "./config.ts";
export { errorCatalog, ServerStartError } from "./errors.ts";
export { startServer, type ImportedSession, type RunningServer } from "./server.ts";
export { migrateStore } from "./store/migrate-store.ts";
