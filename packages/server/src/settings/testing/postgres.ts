import { createServer } from "node:net";
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";

/** A PostgreSQL in this process, spoken to over a socket as to any other. */
export interface TestPostgres {
  readonly url: string;
  /** Address of it with nothing in it. What was there before is gone. */
  emptyDatabase(): Promise<string>;
  /** No connection is taken, those there are are cut. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  stop(): Promise<void>;
}

export async function startPostgres(): Promise<TestPostgres> {
  const database = await PGlite.create();
  const port = await freePort();
  const host = "127.0.0.1";
  const url = `postgres://postgres:postgres@${host}:${port}/postgres`;
  let server: PGLiteSocketServer | null = null;
  const comeBack = async (): Promise<void> => {
    server = new PGLiteSocketServer({ db: database, port, host, maxConnections: 50 });
    await server.start();
  };
  const goAway = async (): Promise<void> => {
    await server?.stop();
    server = null;
  };
  await comeBack();
  return {
    url,
    async emptyDatabase() {
      await database.exec("DROP SCHEMA public CASCADE; CREATE SCHEMA public;");
      return url;
    },
    goAway,
    comeBack,
    async stop() {
      await goAway();
      await database.close();
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
