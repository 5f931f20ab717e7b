import axe from "axe-core";
import type { Page } from "playwright-core";

/** What axe finds against WCAG 2.2 A and AA, light and dark: rule, element, and why. */
export async function violationsInBothThemes(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.waitForFunction((theme) => document.documentElement.dataset["theme"] === theme, colorScheme);
    found.push(
      ...(await page.evaluate(async () => {
        const engine = (globalThis as unknown as { readonly axe: typeof axe }).axe;
        const result = await engine.run(document, {
          runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
          rules: { "target-size": { enabled: true } },
        });
        if (result.passes.length === 0) throw new Error("axe looked at nothing");
        return result.violations.flatMap((rule) =>
          rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ""}`),
        );
      })),
    );
  }
  return found;
}
