// @ts-check
// `npm start`: from a fresh clone to a running server.
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { buildIfStale, installIfStale, requireNode, root } from "./prepare.mjs";

requireNode();
installIfStale();
buildIfStale();
const main = join(root, "packages/cli/dist/main.js");
process.argv = [process.argv[0] ?? "node", main, "serve", ...process.argv.slice(2)];
await import(pathToFileURL(main).href);
