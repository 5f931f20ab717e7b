export {
  AdministrationError,
  openAdministration,
  type Administration,
  type AdministrationOptions,
} from "./access/administration.ts";
export {
  backUp,
  BackupError,
  restore,
  type BackupManifest,
  type BackupOptions,
  type RestoreOptions,
  type RestoreReport,
} from "./operations/backup.ts";
export { preflight, type Check } from "./operations/preflight.ts";
export { readServerConfig, ServerConfigError, type ServerConfig } from "./config.ts";
export { errorCatalog, ServerStartError } from "./errors.ts";
export { startServer, type RunningServer } from "./server.ts";
export { migrateStore } from "./store/migrate-store.ts";
export type { ImportedSession } from "./import-session.ts";
