// @ts-check
// `npm run bench -- client|wire|observer|interop|server|dashboard`: measures what is shipped, so it builds first. See tools/bench.ts.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { buildIfStale, installIfStale, requireNode, root } from "./prepare.mjs";

requireNode();
installIfStale();
buildIfStale();
const { status } = spawnSync(
  process.execPath,
  ["--import", "tsx", join(root, "tools/bench.ts"), ...process.argv.slice(2)],
  { cwd: root, stdio: "inherit" },
);
process.exit(status ?? 1);
