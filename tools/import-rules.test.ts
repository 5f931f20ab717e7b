import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { checkFile, checkRepository, rules } from "./import-rules.ts";

describe("import rules", () => {
  test("the repository keeps them", () => {
    const { files, violations } = checkRepository();
    expect(files).toBeGreaterThan(20);
    expect(violations).toEqual([]);
  });

  test("every package has one", () => {
    const packages = readdirSync(fileURLToPath(new URL("../packages", import.meta.url)));
    expect(Object.keys(rules).toSorted()).toEqual(packages.toSorted());
  });

  test.each([
    ["packages/observer/src/a.ts", `import { readFileSync } from "node:fs";`],
    ["packages/observer/src/a.ts", `export * from "../../server/src/log.ts";`],
    ["packages/client/src/a.ts", `import { z } from "zod";`],
    ["packages/client/src/a.ts", `import { sessionQuerySchema } from "@peerscope/schema/api";`],
    ["packages/schema/src/wire/a.ts", `import { z } from "zod";`],
    ["packages/server/src/a.ts", `const client = await import("@peerscope/client");`],
    ["packages/dashboard/src/session/a.tsx", `import { start } from "@peerscope/client";`],
    ["packages/unheard/src/a.ts", ``],
  ])("%s may not: %s", (file, text) => {
    expect(checkFile(file, text)).toHaveLength(1);
  });

  test.each([
    [
      "packages/schema/src/api/a.ts",
      `import { z } from "zod"; import { faultDomains } from "../analysis.ts";`,
    ],
    ["packages/dashboard/src/demo/a.ts", `import { start } from "@peerscope/client";`],
    [
      "packages/server/src/ingest/a.ts",
      `import { open } from "node:fs/promises"; import { WebSocket } from "ws";`,
    ],
  ])("%s may: %s", (file, text) => {
    expect(checkFile(file, text)).toEqual([]);
  });
});
