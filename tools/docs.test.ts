import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith(".md")),
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md"))
    .map((path) => join("docs", path)),
];

/** Heading anchors as GitHub makes them. */
function anchors(text: string): Set<string> {
  const headings = [...text.matchAll(/^#{1,6} +(.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\- ]/gu, "")
      .replaceAll(" ", "-"),
  );
  const explicit = [...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id = ""]) => id);
  return new Set([...headings, ...explicit]);
}

describe("documentation", () => {
  test.each(pages)("links of %s lead somewhere", (page) => {
    const text = readFileSync(join(root, page), "utf8");
    const broken = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = ""]) => target)
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => {
        const [path = "", anchor] = target.split("#");
        const file = path === "" ? join(root, page) : join(root, dirname(page), path);
        if (!existsSync(file)) return true;
        if (anchor === undefined || statSync(file).isDirectory() || !file.endsWith(".md")) return false;
        return !anchors(readFileSync(file, "utf8")).has(anchor);
      });
    expect(broken).toEqual([]);
  });

  test("the life of a sample has ten steps, each with a link to one file", () => {
    const steps = readFileSync(join(root, "ARCHITECTURE.md"), "utf8").match(/^\d+\. .*$/gm) ?? [];
    expect(steps).toHaveLength(10);
    for (const step of steps)
      expect([...step.matchAll(/\]\(packages\/[^)]+\.tsx?\)/g)], step).toHaveLength(1);
  });
});
