import { randomBytes } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { PGlite } from "@electric-sql/pglite";
import pg from "pg";

/** A PostgreSQL in this process, spoken to over sockets as any other. */
export interface TestPostgres {
  readonly url: string;
  /** Address of it with nothing in it. What was there before is gone. */
  emptyDatabase(): Promise<string>;
  /** Connections are cut and none is taken. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * PGlite has one session. Connections share it: a batch of messages up to its Sync goes in as one, and who has begun a
 * transaction has the session until its end. (The socket server that PGlite brings mixes messages of connections.)
 */
export async function startPostgres(): Promise<TestPostgres> {
  const database = await PGlite.create();
  const sockets = new Set<Socket>();
  const session = createSession((message) => database.execProtocolRaw(message));
  let server: Server | null = null;
  let port = 0;

  async function comeBack(): Promise<void> {
    const listening = createServer((socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      serve(socket, session);
    });
    server = listening;
    await new Promise<void>((resolve) => listening.listen(port, "127.0.0.1", resolve));
    const address = listening.address();
    if (typeof address === "object" && address !== null) port = address.port;
  }
  async function goAway(): Promise<void> {
    const closing = server;
    server = null;
    for (const socket of sockets) socket.destroy();
    if (closing !== null) await new Promise((resolve) => closing.close(resolve));
  }

  await comeBack();
  const url = `postgres://postgres:postgres@127.0.0.1:${port}/postgres`;
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

/**
 * A new database on a real server, when `PEERSCOPE_TEST_POSTGRES_URL` names one whose user may create databases. They
 * stay there. PGlite has one session, so only this shows what servers do that really write at once.
 */
export const realPostgres: (() => Promise<string>) | null = toRealPostgres(
  process.env["PEERSCOPE_TEST_POSTGRES_URL"],
);

function toRealPostgres(url: string | undefined): (() => Promise<string>) | null {
  if (url === undefined || url === "") return null;
  return async () => {
    const name = `peerscope_test_${randomBytes(6).toString("hex")}`;
    const client = new pg.Client(url);
    await client.connect();
    await client.query(`CREATE DATABASE ${name}`);
    await client.end();
    const made = new URL(url);
    made.pathname = `/${name}`;
    return made.href;
  };
}

interface Session {
  run(owner: object, message: Uint8Array): Promise<Uint8Array>;
  /** The connection is gone; what it had begun is rolled back. */
  leave(owner: object): Promise<void>;
}

function createSession(execute: (message: Uint8Array) => Promise<Uint8Array>): Session {
  const waiting: { owner: object; start: () => Promise<void> }[] = [];
  let holder: object | null = null;
  let busy = false;

  async function next(): Promise<void> {
    if (busy) return;
    const index = waiting.findIndex(({ owner }) => holder === null || owner === holder);
    const [turn] = index < 0 ? [] : waiting.splice(index, 1);
    if (turn === undefined) return;
    busy = true;
    await turn.start();
    busy = false;
    void next();
  }
  function run(owner: object, message: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const start = async (): Promise<void> => {
        try {
          const answer = await execute(message);
          // ReadyForQuery ends every answer; its last byte says whether a transaction is open.
          holder = answer.at(-1) === "I".charCodeAt(0) ? null : owner;
          resolve(answer);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      waiting.push({ owner, start });
      void next();
    });
  }
  return {
    run,
    async leave(owner) {
      if (holder === owner) await run(owner, query("ROLLBACK"));
    },
  };
}

const sslRequest = 80_877_103;

function serve(socket: Socket, session: Session): void {
  const owner = {};
  let begun = false;
  let received = Buffer.alloc(0);
  let batch: Buffer[] = [];
  socket.on("error", () => {});
  socket.on("close", () => void session.leave(owner).catch(() => {}));
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    for (;;) {
      // The first message has a length and no type.
      const head = begun ? 1 : 0;
      if (received.length < head + 4) return;
      const length = head + received.readInt32BE(head);
      if (received.length < length) return;
      const message = received.subarray(0, length);
      received = received.subarray(length);
      if (begun) take(message);
      else if (message.readInt32BE(4) === sslRequest) socket.write("N");
      else {
        begun = true;
        socket.write(welcome);
      }
    }
  });

  function take(message: Buffer): void {
    const type = String.fromCharCode(message[0] ?? 0);
    if (type === "X") {
      socket.end();
      return;
    }
    batch.push(message);
    if (type !== "S" && type !== "Q") return;
    const whole = Buffer.concat(batch);
    batch = [];
    session.run(owner, whole).then(
      (answer) => socket.write(answer),
      () => socket.destroy(),
    );
  }
}

/** AuthenticationOk, client_encoding, BackendKeyData, ReadyForQuery. */
const welcome = Buffer.concat([
  backend("R", Buffer.from([0, 0, 0, 0])),
  backend("S", Buffer.from("client_encoding\0UTF8\0")),
  backend("K", Buffer.alloc(8)),
  backend("Z", Buffer.from("I")),
]);

function backend(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(4 + body.length);
  return Buffer.concat([Buffer.from(type), length, body]);
}

function query(sql: string): Buffer {
  return backend("Q", Buffer.from(`${sql}\0`));
}
