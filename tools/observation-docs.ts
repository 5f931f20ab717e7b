/** `npm run docs:observations`: writes docs/reference/observations from the definitions. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { catalogVersion, observationCatalog } from "@peerscope/observer";
import { observationIndex, observationPage } from "./docs/observation-page.ts";

const folder = fileURLToPath(new URL("../docs/reference/observations/", import.meta.url));
mkdirSync(folder, { recursive: true });
const known = new Set(observationCatalog.keys());
for (const file of readdirSync(folder)) rmSync(`${folder}${file}`);
for (const definition of observationCatalog.values()) {
  writeFileSync(`${folder}${definition.id}.md`, observationPage(definition, known));
}
writeFileSync(`${folder}README.md`, observationIndex([...observationCatalog.values()], catalogVersion));
