import { request as httpRequest, type IncomingMessage } from "node:http";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { liveSnapshotSchema } from "@peerscope/schema/api";
import { localPrincipal } from "../access/principal.ts";
import { RequestError, toApiError } from "../errors.ts";
import { addLiveRoutes, type LiveRoutes } from "./live-routes.ts";
import { createLiveState } from "./live-state.ts";

let app: FastifyInstance;
let routes: LiveRoutes;
let port = 0;
let clock = 1_000_000;
let mayListen = true;
/** Grows: what the snapshot says differs. */
let padding = "";
const open: IncomingMessage[] = [];

const project = { projectId: "one" } as never;

beforeEach(async () => {
  clock = 1_000_000;
  mayListen = true;
  padding = "";
  app = Fastify();
  app.addHook("onRequest", async (request) => {
    request.principal = localPrincipal;
  });
  app.setErrorHandler((error, _request, reply) =>
    error instanceof RequestError
      ? reply.code(error.status).send(toApiError(error.code, error.message))
      : reply.code(500).send(String(error)),
  );
  const live = createLiveState({ liveSessions: () => [], now: () => clock });
  routes = addLiveRoutes(app, {
    projects: () => [project],
    live: {
      ...live,
      snapshot: (projectId) => ({
        ...live.snapshot(projectId),
        changes: padding === "" ? [] : [change(padding)],
      }),
    },
    authorize: async () => {
      if (!mayListen) throw new RequestError("login-needed");
    },
    now: () => clock,
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const address = app.server.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
});
afterEach(async () => {
  for (const response of open.splice(0)) response.destroy();
  await app.close();
});

function change(userId: string): ReturnType<typeof liveSnapshotSchema.parse>["changes"][number] {
  const observation = { id: "uplink-loss", key: "k", severity: "major" as const, startedAt: 1 };
  return { at: 1, change: "opened", sessionId: "s", userId, observation };
}

interface Stream {
  readonly response: IncomingMessage;
  /** Events that came, name and data. */
  events(): { readonly event: string; readonly data: unknown }[];
  isOver(): boolean;
}

function listen(isReading = true): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest(
      { host: "127.0.0.1", port, path: "/api/live", headers: { accept: "text/event-stream" } },
      (response) => {
        open.push(response);
        let text = "";
        let over = false;
        response.setEncoding("utf8").on("error", () => {});
        response.once("close", () => (over = true));
        if (isReading) response.on("data", (data: string) => (text += data));
        resolve({
          response,
          events: () =>
            text
              .split("\n\n")
              .filter(Boolean)
              .map((block) => {
                const [event = "", data = ""] = block.split("\n");
                return {
                  event: event.slice("event: ".length),
                  data: JSON.parse(data.slice("data: ".length)) as unknown,
                };
              }),
          isOver: () => over,
        });
      },
    );
    asked.once("error", reject);
    asked.end();
  });
}

const names = (stream: Stream): string[] => stream.events().map(({ event }) => event);

describe("GET /api/live", () => {
  test("is one answer for who does not ask for a stream", async () => {
    const answer = await app.inject("/api/live");
    expect(liveSnapshotSchema.parse(answer.json())).toMatchObject({ at: clock, clients: 0 });
  });

  test("tells a stream everything at once, then what changed, then that it is still there", async () => {
    const stream = await listen();
    expect(stream.response.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
    await vi.waitFor(() => expect(names(stream)).toEqual(["now"]));
    expect(liveSnapshotSchema.parse(stream.events()[0]?.data).at).toBe(clock);
    clock += 2_000;
    routes.tick();
    padding = "kim";
    clock += 2_000;
    routes.tick();
    await vi.waitFor(() => expect(names(stream)).toEqual(["now", "now"]));
    expect(liveSnapshotSchema.parse(stream.events()[1]?.data)).toMatchObject({
      at: clock,
      changes: [{ userId: "kim" }],
    });
    clock += 10_000;
    routes.tick();
    await vi.waitFor(() => expect(names(stream)).toEqual(["now", "now", "still"]));
  });

  test("ends within 20 seconds of a logout, and says why", async () => {
    const stream = await listen();
    mayListen = false;
    clock += 19_000;
    routes.tick();
    clock += 1_000;
    routes.tick();
    await vi.waitFor(() => expect(stream.isOver()).toBe(true));
    expect(stream.events().at(-1)).toEqual({ event: "end", data: { code: "login-needed" } });
  });

  test("refuses the twenty-first stream of one person until one of theirs is gone", async () => {
    const streams = await Promise.all(Array.from({ length: 20 }, () => listen()));
    const refused = await listen();
    expect(refused.response.statusCode).toBe(503);
    streams[0]?.response.destroy();
    await vi.waitFor(async () => expect((await listen()).response.statusCode).toBe(200));
  });

  test("keeps little for a reader that takes nothing, and lets it go after half a minute", async () => {
    const stuck = await listen(false);
    stuck.response.socket.pause();
    const before = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
    let reached = 0;
    await vi.waitFor(
      () => {
        // Each a megabyte and different: what the sockets hold is full after a few.
        padding = `${clock}${"x".repeat(1_000_000)}`;
        clock += 2_000;
        routes.tick();
        reached += 1;
        expect(reached).toBeGreaterThan(60);
      },
      { timeout: 5_000, interval: 5 },
    );
    const after = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
    expect(after - before).toBeLessThan(40_000_000);
    stuck.response.resume().socket.resume();
    await vi.waitFor(() => expect(stuck.isOver()).toBe(true));
  });

  test("ends all streams when the server stops", async () => {
    const stream = await listen();
    await app.close();
    await vi.waitFor(() => expect(stream.isOver()).toBe(true));
  });
});
