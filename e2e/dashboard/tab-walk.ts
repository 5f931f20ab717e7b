import type { Page } from "playwright-core";

/** What is wrong for somebody who has no mouse, in words for a failed test; empty when nothing is. */
export async function problemsByTab(page: Page): Promise<string[]> {
  const { count, unreachable } = await page.evaluate(markUsable);
  const problems = new Set(unreachable.map((what) => `no key reaches ${what}`));
  if (count <= 3) problems.add(`only ${count} things to use: this page is not there yet`);
  const reached = new Set<string>();
  let timesOut = 0;
  // What appears while one walks has no mark and takes steps too. A page may begin in the middle: it is walked twice then.
  for (
    let step = 0;
    step < mostSteps && (timesOut === 0 || (timesOut < 2 && reached.size < count));
    step += 1
  ) {
    await page.keyboard.press("Tab");
    const now = await page.evaluate(focused);
    if (now.problem !== null) problems.add(now.problem);
    if (now.isBody) timesOut += 1;
    if (now.walk !== null) reached.add(now.walk);
  }
  if (timesOut === 0) problems.add("the focus never comes out at the end");
  const missed = await page.evaluate(
    (known) =>
      [...document.querySelectorAll<HTMLElement>("[data-walk]")]
        .filter((element) => !known.includes(element.dataset["walk"] ?? "") && element.checkVisibility())
        .map((element) => element.outerHTML.slice(0, 160)),
    [...reached],
  );
  for (const what of missed) problems.add(`Tab passes ${what}`);
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  if ((await page.evaluate(focused)).isBody) problems.add("Shift+Tab does not lead back");
  return [...problems];
}

/** More than any page has; who has not come out by then never does. */
const mostSteps = 3_000;

/** In the page: marks everything that can be used, and names what no key could ever reach. */
function markUsable(): { readonly count: number; readonly unreachable: readonly string[] } {
  const unreachable: string[] = [];
  const groups = new Set<string>();
  let count = 0;
  for (const element of document.querySelectorAll<HTMLElement>(
    "a[href], button, input, select, textarea, summary, [tabindex], [role=button], [role=option], [role=tab]",
  )) {
    const isGone = element.closest("[inert], [hidden], [aria-hidden=true]") !== null;
    if (isGone || element.matches(":disabled") || !element.checkVisibility({ visibilityProperty: true }))
      continue;
    if (element.tabIndex < 0) {
      // One of a group has the focus for all; the arrows move in it.
      const inGroup = element.closest("[role=tablist], [role=listbox], [role=menu], [role=radiogroup]");
      if (inGroup === null && element.matches("a, button, input, select, textarea, summary, [role]"))
        unreachable.push(element.outerHTML.slice(0, 160));
      continue;
    }
    if (element instanceof HTMLInputElement && element.type === "radio") {
      // Tab stops once at radio buttons: at the chosen one.
      const isStop = element.checked || document.querySelector(`[name="${element.name}"]:checked`) === null;
      if (!isStop || groups.has(element.name)) continue;
      groups.add(element.name);
    }
    element.dataset["walk"] = String(count);
    count += 1;
  }
  return { count, unreachable };
}

/** In the page: what has the focus, and whether a person sees that it has it. */
function focused(): {
  readonly walk: string | null;
  readonly isBody: boolean;
  readonly problem: string | null;
} {
  const element = document.activeElement;
  if (!(element instanceof HTMLElement) || element === document.body)
    return { walk: null, isBody: true, problem: null };
  // Radio buttons and files are drawn by their label.
  const shown =
    element instanceof HTMLInputElement && element.classList.contains("sr-only")
      ? (element.closest("label") ?? element)
      : element;
  const says = (problem: string | null): ReturnType<typeof focused> => ({
    walk: element.dataset["walk"] ?? null,
    isBody: false,
    problem: problem === null ? null : `${problem}: ${shown.outerHTML.slice(0, 160)}`,
  });
  const box = shown.getBoundingClientRect();
  if (box.width === 0 || box.height === 0) return says("focus on nothing that is seen");
  const [x, y] = [box.x + Math.min(box.width / 2, 20), box.y + Math.min(box.height / 2, 20)];
  if (y < 0 || y > innerHeight) return says("focus out of sight");
  const top = document.elementFromPoint(x, y);
  const isCovered = top !== null && top !== shown && !shown.contains(top) && !top.contains(shown);
  if (isCovered) return says(`focus covered by ${top.outerHTML.slice(0, 60)}`);
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(shown);
  const isMarked = (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
  return says(isMarked ? null : "focus without a mark");
}
