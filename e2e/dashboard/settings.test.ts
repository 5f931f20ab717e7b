import { createFrameEncoder } from "@peerscope/schema";
import { generateSession } from "@peerscope/scenarios";
import { firstSampleSchema, ingestKeyListSchema, sessionListSchema } from "@peerscope/schema/api";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { launchChromium } from "../support/browser.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { violationsInBothThemes } from "./both-themes.ts";

let server: PeerscopeProcess;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let errors: string[];

beforeAll(async () => {
  ensureBuilt();
  [server, browser] = await Promise.all([startPeerscope(), launchChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
  page = await context.newPage();
  page.setDefaultTimeout(10_000);
  errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
});
afterEach(async () => {
  await context.close();
  expect(errors).toEqual([]);
});

/** A client of the SDK's protocol: hello, and with a good key one frame. Resolves with the code of a refusal, else with null. */
async function connect(token: string, sessionId: string, origin?: string): Promise<string | null> {
  const socket = new WebSocket(
    `ws://127.0.0.1:${server.port}/ingest`,
    origin === undefined ? {} : { origin },
  );
  const { records } = generateSession({
    seed: 3,
    durationSeconds: 6,
    kind: "good",
    startAt: Date.now() - 10_000,
    userId: "kim@example.com",
    callId: "first-call",
  });
  return await new Promise<string | null>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("open", () => socket.send(JSON.stringify({ type: "hello", wireVersion: 3, sessionId, token })));
    socket.on("message", (data: Buffer) => {
      const message: unknown = JSON.parse(data.toString("utf8"));
      if (typeof message === "number") {
        socket.send(JSON.stringify({ type: "bye" }));
        resolve(null);
      } else if (typeof message === "object" && message !== null && "code" in message) {
        socket.close();
        resolve(String(message.code));
      } else {
        socket.send(createFrameEncoder().encode([...records], { keyframe: true }));
      }
    });
  });
}

const violations = (): Promise<string[]> => violationsInBothThemes(page);
const open = async (section: string, ready: string): Promise<void> => {
  await page.goto(`${server.url}/settings/${section}`);
  await page.getByRole("heading", { name: ready, exact: true }).waitFor();
};
const confirm = async (typed: string, action: string): Promise<void> => {
  const dialog = page.getByRole("dialog");
  const button = dialog.getByRole("button", { name: action });
  expect(await button.isDisabled()).toBe(true);
  await dialog.getByRole("textbox").fill(typed);
  await button.click();
};
const goodKeys = async (): Promise<readonly string[]> =>
  ingestKeyListSchema
    .parse(await (await fetch(`${server.url}/api/projects/default/keys`)).json())
    .keys.map(({ label }) => label);

// In this order: the person who is erased is the one whose sample came first.
describe("a server from its first start", () => {
  test("the guide says that a key is wrong and a page not allowed, then that the first sample came", async () => {
    await page.goto(`${server.url}/`);
    const arrival = page.getByTestId("arrival");
    await arrival.getByText("Waiting for the first sample.").waitFor();
    expect(await page.getByRole("region", { name: "Code for Plain script" }).textContent()).toContain(
      server.ingestKey,
    );
    expect(await violations()).toEqual([]);

    expect(await connect("pk_of_somebody_else", "session-refused")).toBe("token-invalid");
    await arrival.locator("[data-refusal=token-invalid]").waitFor();
    expect(await arrival.textContent()).toContain("Copy the key again");

    await fetch(`${server.url}/api/projects/default/keys/${server.ingestKey}`, {
      method: "PATCH",
      headers: { "content-type": "application/json", origin: server.url },
      body: JSON.stringify({ allowedOrigins: ["https://app.example"] }),
    });
    expect(await connect(server.ingestKey, "session-refused", "https://<b>evil")).toBe("key-origin-wrong");
    const wrongOrigin = arrival.locator("[data-refusal=key-origin-wrong]");
    await wrongOrigin.waitFor();
    // What a stranger calls its page is text.
    expect(await wrongOrigin.textContent()).toContain('It is "https://<b>evil".');
    expect(await violations()).toEqual([]);

    expect(await connect(server.ingestKey, "session-first", "https://app.example")).toBeNull();
    await arrival.getByText("The first sample arrived.").waitFor();
    await arrival.getByRole("link", { name: "Open the session" }).click();
    await page.waitForURL(/\/sessions\/session-first/);
    const sample = firstSampleSchema.parse(
      await (await fetch(`${server.url}/api/projects/default/first-sample`)).json(),
    );
    expect(sample).toMatchObject({ hasOwn: true, newestSessionId: "session-first" });
  });

  test("a key is made, shown with its snippet, and revoked by typing its name", async () => {
    await open("keys", "New key");
    await page.getByLabel("Name of the key").fill("web app");
    await page.getByLabel("Allowed origins of the new key").fill("app.example");
    await page.getByRole("button", { name: "Create the key" }).click();
    await page.getByRole("alert").getByText("must be an origin such as").waitFor();
    await page.getByLabel("Allowed origins of the new key").fill("https://shop.example");
    await page.getByRole("button", { name: "Create the key" }).click();
    const block = page.getByRole("region", { name: "web app" });
    await block.getByRole("button", { name: "Snippet" }).click();
    const keyId = (await block.getByTestId("key-id").textContent()) ?? "";
    await block.getByRole("button", { name: "livekit-client" }).click();
    expect(await block.getByRole("region", { name: "Code for livekit-client" }).textContent()).toContain(
      keyId,
    );
    expect(page.url()).toContain("with=livekit-client");
    expect(await violations()).toEqual([]);

    await block.getByRole("button", { name: "Revoke web app" }).click();
    await confirm("web app", "Revoke the key");
    await block.waitFor({ state: "detached" });
    expect(await goodKeys()).not.toContain("web app");
    expect(await connect(keyId, "session-revoked", "https://shop.example")).toBe("key-revoked");
  });

  test("a threshold is changed, refused with the reason, and kept while one looks elsewhere", async () => {
    await page.goto(`${server.url}/settings/thresholds?open=uplink-loss&find=uplink-loss`);
    const raised = page.getByLabel("Minor: raised above (%)");
    await raised.fill("40");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("alert").getByText("must be above that of minor").waitFor();
    await page.getByRole("link", { name: "Members" }).click();
    await page.getByRole("heading", { name: "Give somebody a role" }).waitFor();
    await page.goto(`${server.url}/settings/thresholds?open=uplink-loss&find=uplink-loss`);
    expect(await raised.inputValue()).toBe("40");
    await raised.fill("2");

    // Somebody else was faster: both versions are shown, and nothing is overwritten.
    const patch = async (thresholds: object): Promise<void> => {
      const answer = await fetch(`${server.url}/api/projects/default`, {
        method: "PATCH",
        headers: { "content-type": "application/json", origin: server.url },
        body: JSON.stringify({ thresholds }),
      });
      expect(answer.status).toBe(200);
    };
    await patch({ "keyframe-storm": { off: true } });
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Somebody else saved something different meanwhile").waitFor();
    expect(await violations()).toEqual([]);
    await page.getByRole("button", { name: "Go on with mine" }).click();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await expect
      .poll(async (): Promise<unknown> => (await fetch(`${server.url}/api/projects/default`)).json())
      .toMatchObject({ thresholds: { "uplink-loss": { levels: { minor: { on: 2 } } } } });
  });

  test("a person is looked for, erased by typing the id, and a receipt says what went", async () => {
    await open("people", "Whose data");
    await page.getByLabel("Id", { exact: true }).fill("kim@example.com");
    await page.getByRole("button", { name: "See what there is" }).click();
    await page.getByRole("heading", { name: "1 session would go" }).waitFor();
    const href = await page.getByRole("link", { name: "Export everything" }).getAttribute("href");
    expect((await fetch(`${server.url}${href ?? ""}`)).headers.get("content-type")).toContain("gzip");
    await page.getByRole("button", { name: "Erase", exact: true }).click();
    await confirm("kim@example.com", "Erase for good");
    await page.getByRole("heading", { name: "Receipt", exact: true }).waitFor();
    const receipt = JSON.parse(
      (await page.getByRole("region", { name: "Receipt as JSON" }).textContent()) ?? "",
    ) as { readonly sessions: number };
    expect(receipt.sessions).toBe(1);
    expect(JSON.stringify(receipt)).not.toContain("kim@example.com");
    expect(await violations()).toEqual([]);
    const left = sessionListSchema.parse(await (await fetch(`${server.url}/api/sessions`)).json());
    expect(left.sessions).toEqual([]);
  });
});
