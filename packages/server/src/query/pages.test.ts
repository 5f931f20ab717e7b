import fastify from "fastify";
import { describe, expect, it } from "vitest";
import { RequestError } from "../errors.ts";
import { addPages } from "./pages.ts";

describe("the files of the SDK", () => {
  it.each([
    ["/sdk/peerscope.js", true],
    ["/sdk/peerscope.iife.js", true],
    ["/sdk/peerscope-surroundings.js", true],
    ["/sdk/", false],
    ["/sdk/other.js", false],
    ["/sdk/peerscope.js.map", false],
    ["/sdk/peerscope%2f..%2f..%2fpackage.js", false],
    ["/sdk/..%2fpeerscope.js", false],
    ["/sdk/peerscope-none/peerscope.js", false],
  ])("%s is one of them: %s", async (url, isOne) => {
    const app = fastify();
    const codes: string[] = [];
    app.setErrorHandler((error, _request, reply) => {
      codes.push(error instanceof RequestError ? error.code : String(error));
      return reply.code(404).send();
    });
    await addPages(app);
    const { statusCode, headers } = await app.inject({ url });
    await app.close();
    // Where nothing was built yet, the server says that instead.
    const isServed = statusCode === 200 && headers["access-control-allow-origin"] === "*";
    expect(isServed || codes.includes("dashboard-not-built")).toBe(isOne);
  });
});
