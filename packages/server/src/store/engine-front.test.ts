import type { Server } from "node:http";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEngineFront } from "./engine-front.ts";
import { StatementError, type Statement } from "./engine-sessions.ts";

let front: Server;
let url = "";
const ran: Statement[] = [];

/** Stands for the engine: what the front makes of HTTP is the subject here. */
const engine = {
  async run(statement: Statement): Promise<Uint8Array> {
    ran.push(statement);
    if (statement.sql.includes("unsupported")) throw new StatementError("not here");
    if (statement.sql.includes("broken")) {
      throw Object.assign(new Error("Code: 47. DB::Exception: no such column. (UNKNOWN_IDENTIFIER)"), {
        clickhouseCode: 47,
      });
    }
    return new TextEncoder().encode("result\n");
  },
  close: () => Promise.resolve(),
};

beforeAll(async () => {
  front = createEngineFront({ engine, password: "s3cret" });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  const address = front.address();
  if (typeof address === "object" && address !== null) url = `http://127.0.0.1:${address.port}`;
});
afterAll(() => front.close());

const key = { "x-clickhouse-user": "default", "x-clickhouse-key": "s3cret" };

describe("the ClickHouse HTTP interface in front of the engine", () => {
  test("a ping needs no password, everything else does", async () => {
    expect(await (await fetch(`${url}/ping`)).text()).toBe("Ok.\n");
    for (const headers of [
      {},
      { "x-clickhouse-key": "wrong" },
      { authorization: `Basic ${btoa("default:wrong")}` },
    ]) {
      const answer = await fetch(url, { method: "POST", body: "SELECT 1", headers });
      expect(answer.status).toBe(401);
      expect(answer.headers.get("x-clickhouse-exception-code")).toBe("516");
    }
    expect(ran).toEqual([]);
    for (const headers of [key, { authorization: `Basic ${btoa("default:s3cret")}` }]) {
      expect((await fetch(url, { method: "POST", body: "SELECT 1", headers })).status).toBe(200);
    }
    expect((await fetch(`${url}/?password=s3cret&query=SELECT%201`)).status).toBe(200);
  });

  test("a select comes in the body, parameters and settings in the address", async () => {
    const address = `${url}/?param_a=x%09y&max_threads=2&query_id=q1&enable_http_compression=1`;
    const answer = await fetch(address, {
      method: "POST",
      body: "SELECT {a:String} FORMAT JSONEachRow",
      headers: key,
    });
    expect(await answer.text()).toBe("result\n");
    expect(answer.headers.get("x-clickhouse-query-id")).toBe("q1");
    expect(answer.headers.get("x-clickhouse-format")).toBe("JSONEachRow");
    expect(ran.at(-1)).toEqual({
      sql: "SELECT {a:String} FORMAT JSONEachRow",
      body: null,
      settings: new Map([["max_threads", "2"]]),
      parameters: new Map([["a", "x\ty"]]),
    });
  });

  test("an insert has its statement in the address and its rows in the body, also compressed", async () => {
    const address = `${url}/?query=${encodeURIComponent("INSERT INTO t FORMAT JSONEachRow")}`;
    const rows = '{"a":1}\n';
    await fetch(address, { method: "POST", body: rows, headers: key });
    expect(String(ran.at(-1)?.body)).toBe(rows);
    await fetch(address, {
      method: "POST",
      body: gzipSync(rows),
      headers: { ...key, "content-encoding": "gzip" },
    });
    expect(String(ran.at(-1)?.body)).toBe(rows);
    const other = await fetch(address, {
      method: "POST",
      body: "x",
      headers: { ...key, "content-encoding": "br" },
    });
    expect(other.status).toBe(400);
  });

  test("an insert without rows of its own is a statement", async () => {
    await fetch(url, { method: "POST", body: "INSERT INTO t SELECT 1", headers: key });
    expect(ran.at(-1)).toMatchObject({ sql: "INSERT INTO t SELECT 1", body: null });
  });

  test("errors of the engine keep their code and text", async () => {
    const answer = await fetch(url, { method: "POST", body: "SELECT broken", headers: key });
    expect([answer.status, answer.headers.get("x-clickhouse-exception-code")]).toEqual([500, "47"]);
    expect(await answer.text()).toBe("Code: 47. DB::Exception: no such column. (UNKNOWN_IDENTIFIER)\n");
    const refused = await fetch(url, { method: "POST", body: "SELECT unsupported", headers: key });
    expect([refused.status, refused.headers.get("x-clickhouse-exception-code")]).toEqual([400, "48"]);
  });
});
