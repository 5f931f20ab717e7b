import { catalogVersion } from "../detect/catalog.ts";
import type { Extension } from "./define-observation.ts";
import type { Thresholds } from "./thresholds.ts";

/**
 * Version that results carry: that of the catalogue, and what the project changed. Results with different versions are not compared,
 * so thresholds and extensions are part of it (FNV-1a, 32 bits, of what differs).
 */
export function versionInForce(
  thresholds: Thresholds | undefined,
  extensions: readonly Extension[] = [],
): string {
  const own = extensions
    .map(
      ({ definition: { id, levels, on, clearSeconds } }) =>
        `${id} ${JSON.stringify([levels, on, clearSeconds])}`,
    )
    .sort()
    .join("\n");
  const text = `${thresholds?.canonical ?? ""}\n${own}`;
  if (text === "\n") return catalogVersion;
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return `${catalogVersion}+project.${hash.toString(16).padStart(8, "0")}`;
}
