import { describe, expect, test } from "vitest";
import { renderStatement, storedTable } from "./layout.ts";

const one = { cluster: null };
const many = { cluster: "ca'lls" };

describe("layout", () => {
  const create =
    "CREATE TABLE IF NOT EXISTS {{table legs}} (projectId String, sessionId String, version UInt64)\n" +
    "ENGINE = {{engine ReplacingMergeTree(version)}} ORDER BY (projectId, sessionId)";

  test("one server has plain tables", () => {
    expect(renderStatement(create, one)).toEqual([
      "CREATE TABLE IF NOT EXISTS legs (projectId String, sessionId String, version UInt64)\n" +
        "ENGINE = ReplacingMergeTree(version) ORDER BY (projectId, sessionId)",
    ]);
    expect(storedTable("legs", one)).toBe("legs");
  });

  test("a cluster has replicated tables, and distributed ones that keep a session on one shard", () => {
    expect(renderStatement(create, many)).toEqual([
      "CREATE TABLE IF NOT EXISTS legs_local ON CLUSTER 'ca\\'lls' (projectId String, sessionId String, version UInt64)\n" +
        "ENGINE = ReplicatedReplacingMergeTree(version) ORDER BY (projectId, sessionId)",
      "CREATE TABLE IF NOT EXISTS legs ON CLUSTER 'ca\\'lls' AS legs_local\n" +
        "ENGINE = Distributed('ca\\'lls', currentDatabase(), 'legs_local', cityHash64(projectId, sessionId))",
    ]);
    expect(storedTable("legs", many)).toBe("legs_local ON CLUSTER 'ca\\'lls'");
  });

  test("a table without sessions is spread by its key", () => {
    const statement =
      "CREATE TABLE IF NOT EXISTS {{table t}} (n UInt32) ENGINE = {{engine MergeTree}} ORDER BY n";
    expect(renderStatement(statement, many)[1]).toContain("'t_local', n)");
  });

  test("columns are added to both tables of a cluster, storage changes to the one that stores", () => {
    const add = "ALTER TABLE {{every legs}} ADD COLUMN IF NOT EXISTS x UInt8";
    expect(renderStatement(add, one)).toEqual(["ALTER TABLE legs ADD COLUMN IF NOT EXISTS x UInt8"]);
    expect(renderStatement(add, many)).toEqual([
      "ALTER TABLE legs_local ON CLUSTER 'ca\\'lls' ADD COLUMN IF NOT EXISTS x UInt8",
      "ALTER TABLE legs ON CLUSTER 'ca\\'lls' ADD COLUMN IF NOT EXISTS x UInt8",
    ]);
    expect(renderStatement("ALTER TABLE {{table legs}} MODIFY COLUMN x UInt8 CODEC(ZSTD)", many)).toEqual([
      "ALTER TABLE legs_local ON CLUSTER 'ca\\'lls' MODIFY COLUMN x UInt8 CODEC(ZSTD)",
    ]);
  });

  test("a view reads the distributed tables", () => {
    expect(renderStatement("CREATE VIEW IF NOT EXISTS {{view v}} AS SELECT 1 FROM legs", many)).toEqual([
      "CREATE VIEW IF NOT EXISTS v ON CLUSTER 'ca\\'lls' AS SELECT 1 FROM legs",
    ]);
  });

  test("a placeholder with a slip of the pen is a mistake, not SQL", () => {
    for (const statement of ["SELECT {{tabel legs}}", "{{engine Memory}}", "{{table a b}}"])
      expect(() => renderStatement(statement, one)).toThrow("not a placeholder");
  });
});
