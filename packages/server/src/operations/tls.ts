import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { RequestListener, Server, ServerOptions } from "node:http";
import { createServer, type Server as HttpsServer } from "node:https";
import { ServerStartError } from "../errors.ts";

/** Files of the certificate, in PEM; absolute paths. */
export interface TlsFiles {
  /** The certificate, and those that lead from it to its root. */
  readonly certFile: string;
  readonly keyFile: string;
}

export interface TlsKeys {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** End of the certificate, Unix ms. */
  readonly expiresAt: number;
}

/** A client has so long for its part of the TLS handshake, in milliseconds. Ours: as for the head of a request. */
const handshakeTimeoutMs = 5_000;

/**
 * Reads certificate and key.
 * @throws ServerStartError `tls-unusable`: they cannot be read, or do not belong together.
 */
export function readTlsKeys({ certFile, keyFile }: TlsFiles): TlsKeys {
  const cert = read(certFile, "PEERSCOPE_TLS_CERT");
  const key = read(keyFile, "PEERSCOPE_TLS_KEY");
  try {
    const certificate = new X509Certificate(cert);
    if (!certificate.checkPrivateKey(createPrivateKey(key)))
      throw new Error("the key belongs to another certificate");
    return { cert, key, expiresAt: Date.parse(certificate.validTo) };
  } catch (error) {
    throw new ServerStartError("tls-unusable", `${certFile}, ${keyFile}: ${messageOf(error)}`);
  }
}

function read(file: string, variable: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ServerStartError("tls-unusable", `${variable}: ${messageOf(error)}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Servers of one certificate, which can be exchanged while they run. */
export interface TlsServers {
  create(listener: RequestListener, options: ServerOptions): Server;
  /**
   * Reads the files again; connections that are open keep what they have.
   * @throws ServerStartError `tls-unusable`; the servers go on with what they had.
   */
  reload(): void;
}

/** @throws ServerStartError `tls-unusable` */
export function createTlsServers(files: TlsFiles): TlsServers {
  const contextOf = ({ cert, key }: TlsKeys) => ({ cert, key, minVersion: "TLSv1.2" as const });
  let keys = readTlsKeys(files);
  const servers = new Set<HttpsServer>();
  return {
    create(listener, options) {
      const server = createServer(
        { ...options, ...contextOf(keys), handshakeTimeout: handshakeTimeoutMs },
        listener,
      );
      servers.add(server);
      server.once("close", () => servers.delete(server));
      return server;
    },
    reload() {
      keys = readTlsKeys(files);
      for (const server of servers) server.setSecureContext(contextOf(keys));
    },
  };
}
