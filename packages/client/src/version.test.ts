import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { sdkVersion } from "./version.ts";

it("the SDK names the version of its package", () => {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  expect(manifest).toMatchObject({ version: sdkVersion });
});
