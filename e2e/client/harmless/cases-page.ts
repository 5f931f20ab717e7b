import { createCaseTable, type DefineCases, type Outcomes } from "./case-tools.ts";
import { callbackCases } from "./cases/callbacks.ts";
import { callCases } from "./cases/calls.ts";
import { classCases } from "./cases/classes.ts";
import { descriptionCases } from "./cases/descriptions.ts";
import { documentedCases } from "./cases/documented.ts";
import { eventCases } from "./cases/events.ts";
import { mediaCases } from "./cases/media.ts";
import { partCases } from "./cases/parts.ts";
import { promiseCases } from "./cases/promises.ts";
import { shapeCases } from "./cases/shape.ts";
import { prepareFrame, type Mode, type Step } from "./modes.ts";

/** What a page of Playwright and one of Puppeteer have in common. */
export interface ScriptedPage {
  evaluate(source: string): Promise<unknown>;
}

/** Each row has a frame of its own, beside the others: most of their time is waiting. */
const rows = [
  [shapeCases, callCases, callbackCases],
  [classCases, descriptionCases],
  [eventCases],
  [mediaCases, partCases],
  [promiseCases],
];

/** Runs every case in frames of a page of the lab that were prepared in some way. */
export async function runCases(page: ScriptedPage, { steps }: Mode): Promise<Outcomes> {
  const outcomes = await Promise.all(rows.map((subjects) => page.evaluate(script(subjects, steps))));
  return Object.assign({}, ...outcomes) as Outcomes;
}

/** Runs the cases in which a watched page differs. */
export async function runDocumentedCases(page: ScriptedPage, { steps }: Mode): Promise<Outcomes> {
  return (await page.evaluate(script([documentedCases], steps))) as Outcomes;
}

/** Functions go into the page as text, the same text in both browsers. Module code is strict, a text alone is not. */
function script(subjects: readonly ((defineCases: DefineCases) => void)[], steps: readonly Step[]): string {
  const strict = `"use strict";`;
  const inFrame = `${strict} (async () => {
    await (${prepareFrame.toString()})(${JSON.stringify(steps)});
    const table = (${createCaseTable.toString()})();
    for (const define of [${subjects.map((define) => define.toString()).join()}]) define(table.define);
    return await table.run();
  })()`;
  return `${strict} (${runInFrame.toString()})(${JSON.stringify(inFrame)})`;
}

/** Runs in the page from its text: a frame has functions of its own, which nothing has wrapped yet. */
async function runInFrame(source: string): Promise<unknown> {
  const frame = document.createElement("iframe");
  const loaded = new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
  frame.src = "/frame";
  document.body.append(frame);
  await loaded;
  const inside = frame.contentWindow as (Window & typeof globalThis) | null;
  if (inside === null) throw new Error("The frame has no window.");
  try {
    return await inside.eval(source);
  } finally {
    frame.remove();
  }
}
