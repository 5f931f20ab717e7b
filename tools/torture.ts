/** `npm run torture [-- --kills 100 --clients 50 --seed N --store-down 300]`: a server that is ended again and again under load. See docs/reference/torture.md. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isHeld, runTorture } from "./torture/run-torture.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "100" },
    clients: { type: "string", default: "50" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    "store-down": { type: "string", default: "0" },
    keep: { type: "boolean", default: false },
  },
});
const folder = mkdtempSync(join(tmpdir(), "peerscope-torture-"));
console.error(`seed ${values.seed}, ${folder}`);
const result = await runTorture({
  dataFolder: join(folder, "data"),
  kills: Number(values.kills),
  clients: Number(values.clients),
  seed: Number(values.seed),
  storeDownSeconds: Number(values["store-down"]),
  onProgress: (line) => console.error(line),
});
console.log(JSON.stringify(result, null, 2));
if (!isHeld(result)) process.exitCode = 1;
// What went wrong is looked at there.
else if (!values.keep) rmSync(folder, { recursive: true, force: true });
