import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "../../support/browser.ts";
import { launchFirefox } from "../../support/firefox.ts";
import { openSdkLab, type SdkLab } from "../sdk-lab.ts";
import type { Outcomes } from "./case-tools.ts";
import { runCases, runDocumentedCases, type ScriptedPage } from "./cases-page.ts";
import { documentedModes, modes, native, settledNative, wrappedByApp, type Mode } from "./modes.ts";

/** A page of the lab, with everything it wrote to the console or left unhandled. */
interface OpenedPage extends ScriptedPage {
  readonly noise: string[];
  close(): Promise<void>;
}

interface OpenedBrowser {
  open(url: string): Promise<OpenedPage>;
  close(): Promise<void>;
}

async function openChromium(): Promise<OpenedBrowser> {
  const browser = await launchChromium();
  return {
    async open(url) {
      const page = await browser.newPage();
      const noise: string[] = [];
      page.on("console", (message) => noise.push(message.text()));
      page.on("pageerror", (error) => noise.push(String(error)));
      await page.goto(url);
      return { noise, evaluate: (source) => page.evaluate(source), close: () => page.close() };
    },
    close: () => browser.close(),
  };
}

async function openFirefox(): Promise<OpenedBrowser> {
  const browser = await launchFirefox();
  return {
    async open(url) {
      const page = await browser.newPage();
      const noise: string[] = [];
      page.on("console", (message) => noise.push(message.text()));
      page.on("pageerror", (error) => noise.push(String(error)));
      await page.goto(url);
      return { noise, evaluate: (source) => page.evaluate(source), close: () => page.close() };
    },
    close: () => browser.close(),
  };
}

/** Lines of cases that are not those without the SDK. */
function differences(expected: Outcomes, found: Outcomes): string[] {
  const titles = new Set([...Object.keys(expected), ...Object.keys(found)]);
  return [...titles].flatMap((title) => {
    const without = expected[title] ?? [];
    const watched = found[title] ?? [];
    return Array.from({ length: Math.max(without.length, watched.length) }, (_, index) => index)
      .filter((index) => without[index] !== watched[index])
      .map((index) => `${title} | without: ${without[index]} | with: ${watched[index]}`);
  });
}

/** What one browser found, mode by mode. The promises are made at once and awaited by the test of their mode. */
interface Findings {
  readonly watched: ReadonlyMap<Mode, Promise<readonly [Outcomes, readonly string[]]>>;
  readonly documented: ReadonlyMap<Mode, Promise<Outcomes>>;
  readonly done: Promise<unknown>;
}

/** Runs all modes in one browser, one after the other, each in a page of its own: what one leaves does not reach the next. */
function runAll(start: () => Promise<OpenedBrowser>): Findings {
  const browser = start();
  let last: Promise<unknown> = browser;
  const inTurn = <Result>(run: (page: OpenedPage) => Promise<Result>): Promise<Result> => {
    const result = last.then(async () => {
      const page = await (await browser).open(lab.url);
      try {
        return await run(page);
      } finally {
        await page.close();
      }
    });
    last = result.catch(() => {});
    return result;
  };
  const watched = new Map(
    [native, wrappedByApp, ...modes.map(([, mode]) => mode)].map((mode) => [
      mode,
      inTurn(async (page) => [await runCases(page, mode), page.noise] as const),
    ]),
  );
  const documented = new Map(
    [settledNative, ...documentedModes.map(([, mode]) => mode)].map((mode) => [
      mode,
      inTurn((page) => runDocumentedCases(page, mode)),
    ]),
  );
  // A test that awaits it says what failed.
  for (const promise of [...watched.values(), ...documented.values()]) promise.catch(() => {});
  return { watched, documented, done: last.then(async () => await (await browser).close()) };
}

let lab: SdkLab;
const findings: Record<string, Findings> = {};
beforeAll(async () => {
  lab = await openSdkLab();
  // Side by side: most of the time both are waiting.
  findings["Chromium"] = runAll(openChromium);
  findings["Firefox"] = runAll(openFirefox);
});
afterAll(async () => {
  await Promise.allSettled(Object.values(findings).map(({ done }) => done));
  await lab.close();
});

describe.each(["Chromium", "Firefox"])("a page in %s behaves as it does without the SDK", (name) => {
  const found = async (mode: Mode): Promise<readonly [Outcomes, readonly string[]]> =>
    (await findings[name]?.watched.get(mode)) ?? [{}, []];

  it("in as many cases as there are", async () => {
    const [outcomes] = await found(native);
    console.log(`${Object.keys(outcomes).length} cases in ${name}`);
    expect(Object.keys(outcomes).length).toBeGreaterThan(300);
    const unfinished = Object.entries(outcomes).filter(([, lines]) =>
      lines.some((line) => line.startsWith("the case threw")),
    );
    expect(unfinished).toEqual([]);
  });

  it.each(modes)("%s", async (_, mode, like) => {
    const [expected, ownNoise] = await found(like);
    const [outcomes, noise] = await found(mode);
    expect(differences(expected, outcomes)).toEqual([]);
    // What Chromium says of a socket whose frame went away is not the SDK's doing.
    const isNews = (line: string): boolean =>
      !ownNoise.includes(line) && !line.startsWith("WebSocket connection to");
    expect(noise.filter(isNews)).toEqual([]);
  });

  it.each(documentedModes)("but for what the reference says, %s", async (_, mode, watching) => {
    const without = (await findings[name]?.documented.get(settledNative)) ?? {};
    const outcomes = await findings[name]?.documented.get(mode);
    const nameless = (line: string): string =>
      watching ? line.replaceAll(/function \w+\(/g, "function (") : line;
    const more = (line: string): string => line.replace(/\d+$/, (count) => String(Number(count) + watching));
    const expected = Object.entries(without).map(
      ([title, lines]) => [title, lines.map(title.includes("text") ? nameless : more)] as const,
    );
    expect(expected).toHaveLength(3);
    expect(outcomes).toEqual(Object.fromEntries(expected));
  });
});
