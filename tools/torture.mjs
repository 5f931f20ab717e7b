// @ts-check
// `npm run torture`: ends a server that is built again and again, so it builds first. See tools/torture.ts.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { buildIfStale, installIfStale, requireNode, root } from "./prepare.mjs";

requireNode();
installIfStale();
buildIfStale();
const { status } = spawnSync(
  process.execPath,
  ["--import", "tsx", join(root, "tools/torture.ts"), ...process.argv.slice(2)],
  { cwd: root, stdio: "inherit" },
);
process.exit(status ?? 1);
