import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDatabase } from "./database.ts";
import { openSettings } from "./open-settings.ts";
import { keyToRow } from "./project-rows.ts";
import type { Settings } from "./settings.ts";
import { apiToken, jwtKey, note, project, publicKey, user, view } from "./testing/examples.ts";
import { realPostgres, startPostgres, type TestPostgres } from "./testing/postgres.ts";

let postgres: TestPostgres;
let folder = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-"));
  postgres = await startPostgres();
}, 60_000);
afterAll(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A new, empty database of either kind. */
const kinds: readonly (readonly [string, () => Promise<string>])[] = [
  ["SQLite", () => Promise.resolve(join(mkdtempSync(join(folder, "db-")), "settings.sqlite"))],
  ["PostgreSQL", () => postgres.emptyDatabase()],
  ...(realPostgres === null ? [] : [["a PostgreSQL server", realPostgres] as const]),
];

/** What somebody writes who tries. */
const odd = [
  "'; DROP TABLE projects; --",
  '<script>alert("x")</script><img src=x onerror=alert(1)>',
  "$1 ? ${x} {{x}} %s \\ \" ' `",
  "ünal 👋 \u202e\u2028",
  "a".repeat(100),
];

describe.each(kinds)("settings in %s", (_kind, empty) => {
  async function opened(work: (settings: Settings, url: string) => Promise<void>): Promise<void> {
    const url = await empty();
    const settings = await openSettings({ url });
    try {
      await work(settings, url);
    } finally {
      await settings.close();
    }
  }
  /** The same database once more, as the next start sees it. */
  async function again(url: string, work: (settings: Settings) => Promise<void>): Promise<void> {
    const settings = await openSettings({ url });
    try {
      await work(settings);
    } finally {
      await settings.close();
    }
  }

  test("projects: saved, changed, oldest first, there after a start", () =>
    opened(async (settings, url) => {
      expect(settings.projects).toEqual([]);
      const younger = project({ projectId: "a-younger", createdAt: 2_000 });
      const older = project({
        projectId: "z-older",
        createdAt: 1_000,
        retention: { logDays: 30, rowDays: null },
        privacy: { ipAddresses: "remove", deviceLabels: "keep", userIds: "hash" },
        limits: { maxLiveSessions: 10, maxBytesPerSecond: null, maxSessionHours: 1.5 },
        thresholds: { "audio-loss": { levels: { minor: { on: 3 } }, off: false } },
      });
      await settings.saveProject(younger);
      await settings.saveProject(older);
      expect(settings.projects).toEqual([older, younger]);
      const renamed = { ...older, name: "Another name" };
      await settings.saveProject(renamed);
      expect(settings.project("z-older")).toEqual(renamed);
      expect(settings.project("none")).toBeNull();
      await again(url, async (second) => {
        expect(second.projects).toEqual([renamed, younger]);
        await second.deleteProject("a-younger");
        expect(second.projects).toEqual([renamed]);
      });
    }));

  test("keys of both kinds: found also when revoked, listed only while good", () =>
    opened(async (settings, url) => {
      await settings.saveProject(project({ projectId: "one" }));
      const page = publicKey({
        projectId: "one",
        keyId: "pk_page",
        createdAt: 2,
        allowedOrigins: ["https://a.example"],
      });
      const backend = jwtKey({ projectId: "one", keyId: "backend", createdAt: 1 });
      await settings.saveIngestKey(page);
      await settings.saveIngestKey(backend);
      expect(settings.ingestKeysOf("one")).toEqual([backend, page]);
      const revoked = { ...page, revokedAt: 99 };
      await settings.saveIngestKey(revoked);
      await again(url, (second) => {
        expect(second.ingestKeysOf("one")).toEqual([backend]);
        expect(second.ingestKey("pk_page")).toEqual(revoked);
        expect(second.ingestKey("none")).toBeNull();
        expect(second.ingestKeysOf("none")).toEqual([]);
        return Promise.resolve();
      });
    }));

  test("the key of another project cannot be taken over", () =>
    opened(async (settings) => {
      await settings.saveProject(project({ projectId: "one" }));
      await settings.saveProject(project({ projectId: "two" }));
      const key = publicKey({ projectId: "one", keyId: "pk_x" });
      await settings.saveIngestKey(key);
      await expect(settings.saveIngestKey({ ...key, projectId: "two" })).rejects.toMatchObject({
        code: "settings-conflict",
      });
      expect(settings.ingestKey("pk_x")).toEqual(key);
    }));

  test("a deleted project takes its keys, views, notes and roles along, and nobody else's", () =>
    opened(async (settings) => {
      for (const projectId of ["gone", "stays"]) {
        await settings.saveProject(project({ projectId }));
        await settings.saveIngestKey(publicKey({ projectId, keyId: `pk_${projectId}` }));
        await settings.saveView(view({ projectId, viewId: `v_${projectId}` }));
        await settings.saveNote(
          note({ projectId, noteId: `n_${projectId}`, sessionId: `session-${projectId}` }),
        );
      }
      await settings.saveUser(user({ roles: { gone: "admin", stays: "viewer" } }));
      await settings.saveApiToken(apiToken({ roles: { gone: "analyst", stays: "admin" } }));
      await settings.deleteProject("gone");

      expect(settings.projects.map(({ projectId }) => projectId)).toEqual(["stays"]);
      expect(settings.ingestKey("pk_gone")).toBeNull();
      expect(settings.ingestKey("pk_stays")).not.toBeNull();
      expect(await settings.savedViews("gone")).toEqual([]);
      expect(await settings.savedViews("stays")).toHaveLength(1);
      expect(await settings.notes("session-gone")).toEqual([]);
      expect(await settings.notes("session-stays")).toHaveLength(1);
      expect((await settings.userById(user({}).userId))?.roles).toEqual({ stays: "viewer" });
      expect((await settings.apiTokenByHash(apiToken({}).tokenHash))?.roles).toEqual({ stays: "admin" });
    }));

  test("users: found by id and by address in any case, roles replaced as a whole", () =>
    opened(async (settings) => {
      await settings.saveProject(project({ projectId: "one" }));
      await settings.saveProject(project({ projectId: "two" }));
      const anna = user({
        userId: "u_anna",
        email: "Anna@Example.org",
        roles: { one: "admin", two: "viewer" },
      });
      const bob = user({
        userId: "u_bob",
        email: "bob@example.org",
        passwordHash: null,
        isServerAdmin: true,
        createdAt: 9_000,
      });
      await settings.saveUser(bob);
      await settings.saveUser(anna);
      expect(await settings.users()).toEqual([anna, bob]);
      expect(await settings.userByEmail(" anna@EXAMPLE.org ")).toEqual(anna);
      const changed = { ...anna, roles: { two: "analyst" as const }, disabledAt: 5, name: "A." };
      await settings.saveUser(changed);
      expect(await settings.userById("u_anna")).toEqual(changed);
      expect(await settings.userById("u_none")).toBeNull();
      expect(await settings.userByEmail("none@example.org")).toBeNull();
      await settings.deleteUser("u_anna");
      expect(await settings.users()).toEqual([bob]);
    }));

  test("two users cannot have one address; a role needs its project; nothing is half saved", () =>
    opened(async (settings) => {
      await settings.saveUser(user({ userId: "u_1", email: "a@example.org" }));
      const conflict = { code: "settings-conflict" };
      await expect(settings.saveUser(user({ userId: "u_2", email: "A@example.org" }))).rejects.toMatchObject(
        conflict,
      );
      const named = user({
        userId: "u_1",
        email: "a@example.org",
        name: "new",
        roles: { nowhere: "viewer" },
      });
      await expect(settings.saveUser(named)).rejects.toMatchObject(conflict);
      expect(await settings.users()).toEqual([user({ userId: "u_1", email: "a@example.org" })]);
    }));

  test("a deleted user takes logins and private views along; shared ones stay", () =>
    opened(async (settings) => {
      await settings.saveProject(project({ projectId: "one" }));
      await settings.saveUser(user({ userId: "u_1" }));
      await settings.saveLogin({ loginHash: "h", userId: "u_1", createdAt: 1, expiresAt: 2 });
      await settings.saveView(view({ projectId: "one", viewId: "v_1", createdBy: "u_1", shared: false }));
      await settings.saveView(view({ projectId: "one", viewId: "v_2", createdBy: "u_1", shared: true }));
      await settings.saveView(view({ projectId: "one", viewId: "v_3", createdBy: "u_2", shared: false }));
      await settings.deleteUser("u_1");
      expect(await settings.loginByHash("h")).toBeNull();
      expect((await settings.savedViews("one")).map(({ viewId }) => viewId)).toEqual(["v_2", "v_3"]);
    }));

  test("API tokens", () =>
    opened(async (settings) => {
      await settings.saveProject(project({ projectId: "one" }));
      const token = apiToken({ tokenId: "t_1", tokenHash: "aa", roles: { one: "viewer" } });
      await settings.saveApiToken(token);
      expect(await settings.apiTokenByHash("aa")).toEqual(token);
      expect(await settings.apiTokenByHash("bb")).toBeNull();
      const used = { ...token, lastUsedAt: 7, revokedAt: 8, expiresAt: 9 };
      await settings.saveApiToken(used);
      expect(await settings.apiTokens()).toEqual([used]);
      await expect(
        settings.saveApiToken(apiToken({ tokenId: "t_2", tokenHash: "aa" })),
      ).rejects.toMatchObject({
        code: "settings-conflict",
      });
    }));

  test("logins end one by one, by user and by age", () =>
    opened(async (settings) => {
      await settings.saveUser(user({ userId: "u_1", email: "1@example.org" }));
      await settings.saveUser(user({ userId: "u_2", email: "2@example.org" }));
      const login = (loginHash: string, userId: string, expiresAt: number) => ({
        loginHash,
        userId,
        createdAt: 1,
        expiresAt,
      });
      for (const [hash, userId, until] of [
        ["a", "u_1", 10],
        ["b", "u_1", 20],
        ["c", "u_2", 10],
        ["d", "u_2", 20],
      ] as const) {
        await settings.saveLogin(login(hash, userId, until));
      }
      await settings.saveLogin(login("d", "u_2", 40));
      await settings.deleteLogin("a");
      expect(await settings.loginByHash("a")).toBeNull();
      expect(await settings.loginByHash("d")).toEqual(login("d", "u_2", 40));
      await settings.deleteLoginsBefore(20);
      expect(await settings.loginByHash("c")).toBeNull();
      expect(await settings.loginByHash("b")).not.toBeNull();
      await settings.deleteLoginsOf("u_1");
      expect(await settings.loginByHash("b")).toBeNull();
      expect(await settings.loginByHash("d")).not.toBeNull();
    }));

  test("views and notes: changed, never moved, deleted", () =>
    opened(async (settings) => {
      await settings.saveProject(project({ projectId: "one" }));
      await settings.saveProject(project({ projectId: "two" }));
      const first = view({ projectId: "one", viewId: "v_1", createdAt: 1 });
      await settings.saveView(view({ projectId: "one", viewId: "v_2", createdAt: 2 }));
      await settings.saveView(first);
      const changed = { ...first, name: "other", url: "/sessions?live=true", shared: true };
      await settings.saveView({ ...changed, projectId: "two", createdBy: "somebody" });
      expect((await settings.savedViews("one"))[0]).toEqual(changed);
      expect(await settings.savedViews("two")).toEqual([]);
      await settings.deleteView("v_1");
      expect(await settings.savedViews("one")).toHaveLength(1);

      const late = note({ projectId: "one", sessionId: "session-1", noteId: "n_1", at: 20 });
      const early = note({ projectId: "one", sessionId: "session-1", noteId: "n_2", at: 10 });
      await settings.saveNote(late);
      await settings.saveNote(early);
      await settings.saveNote({ ...late, text: "again", sessionId: "session-2" });
      expect(await settings.notes("session-1")).toEqual([early, { ...late, text: "again" }]);
      await settings.deleteNote("n_2");
      expect(await settings.notes("session-1")).toHaveLength(1);
      await settings.saveNote(note({ projectId: "one", sessionId: "session-3", noteId: "n_3" }));
      const many = Array.from({ length: 1_200 }, (_, index) => `other-${index}`);
      await settings.deleteNotesOf([...many, "session-1"]);
      expect(await settings.notes("session-1")).toEqual([]);
      expect(await settings.notes("session-3")).toHaveLength(1);
      await settings.deleteNotesOf([]);
    }));

  test("the audit log: newest first, page by page, of one project or of all, and only age removes", () =>
    opened(async (settings, url) => {
      const at = 1_790_000_000_000;
      for (let index = 0; index < 7; index += 1) {
        await settings.audit({
          at,
          actor: "user:u_1",
          actorName: "a@example.org",
          action: "project-changed",
          projectId: index % 2 === 0 ? "even" : null,
          subject: String(index),
          details: { name: "x\0y", count: index, good: true, none: null },
        });
      }
      const subjects: string[] = [];
      let before: string | null = null;
      for (;;) {
        const page = await settings.auditEntries({ projectId: null, before, limit: 3 });
        subjects.push(...page.map(({ subject }) => subject));
        before = page.at(-1)?.entryId ?? null;
        if (before === null) break;
      }
      expect(subjects).toEqual(["6", "5", "4", "3", "2", "1", "0"]);
      const even = await settings.auditEntries({ projectId: "even", before: null, limit: 10 });
      expect(even.map(({ subject }) => subject)).toEqual(["6", "4", "2", "0"]);
      expect(even[0]).toMatchObject({ at, details: { name: "x\0y", count: 6, good: true, none: null } });
      const days = (count: number): number => at + count * 86_400_000;
      await (await openSettings({ url, now: () => days(400) })).close();
      expect(await settings.auditEntries({ projectId: null, before: null, limit: 10 })).toHaveLength(7);
      await (await openSettings({ url, now: () => days(401) })).close();
      expect(await settings.auditEntries({ projectId: null, before: null, limit: 10 })).toEqual([]);
    }));

  test.each(odd)("text comes back as text: %s", (text) =>
    opened(async (settings, url) => {
      await settings.saveProject(project({ projectId: "one", name: text, thresholds: { [text]: text } }));
      await settings.saveIngestKey(
        publicKey({ projectId: "one", keyId: text, label: text, allowedOrigins: [text] }),
      );
      await settings.saveUser(
        user({ userId: text, email: `${text}@x`, name: text, roles: { one: "viewer" } }),
      );
      await settings.saveApiToken(apiToken({ tokenId: text, tokenHash: text, label: text, createdBy: text }));
      await settings.saveLogin({ loginHash: text, userId: text, createdAt: 1, expiresAt: 2 });
      await settings.saveView(
        view({ projectId: "one", viewId: text, name: text, url: text, createdBy: text }),
      );
      await settings.saveNote(
        note({ projectId: "one", noteId: text, sessionId: text, text, createdByName: text }),
      );
      await settings.audit({ ...entry, actorName: text, subject: text, details: { [text]: text } });
      await again(url, async (second) => {
        expect(second.project("one")).toMatchObject({ name: text, thresholds: { [text]: text } });
        expect(second.ingestKey(text)).toMatchObject({ label: text, allowedOrigins: [text] });
        expect(await second.userByEmail(`${text}@x`)).toMatchObject({ userId: text, name: text });
        expect(await second.apiTokenByHash(text)).toMatchObject({
          tokenId: text,
          label: text,
          createdBy: text,
        });
        expect(await second.loginByHash(text)).toMatchObject({ userId: text });
        expect(await second.savedViews("one")).toMatchObject([{ viewId: text, name: text, url: text }]);
        expect(await second.notes(text)).toMatchObject([{ noteId: text, text, createdByName: text }]);
        const [kept] = await second.auditEntries({ projectId: null, before: null, limit: 1 });
        expect(kept).toMatchObject({ actorName: text, subject: text, details: { [text]: text } });
      });
    }),
  );

  test("U+0000 ends no text and makes no two names one", () =>
    opened(async (settings) => {
      await settings.saveUser(user({ userId: "u_1", email: "anna\0evil@example.org", name: "x\ud800y" }));
      expect(await settings.userByEmail("anna")).toBeNull();
      expect(await settings.userById("u_1")).toMatchObject({
        email: "anna\ufffdevil@example.org",
        name: "x\ufffdy",
      });
      expect(await settings.loginByHash("\0")).toBeNull();
    }));

  test("a change is seen by another server when it looks, once", () =>
    opened(async (settings, url) => {
      const looks: (() => void)[] = [];
      const second = await openSettings({ url, every: (_ms, work) => (looks.push(work), () => {}) });
      try {
        let changes = 0;
        second.onChange(() => (changes += 1));
        let own = 0;
        settings.onChange(() => (own += 1));
        await settings.saveProject(project({ projectId: "one" }));
        await settings.saveIngestKey(publicKey({ projectId: "one", keyId: "pk_1" }));
        expect(own).toBe(2);
        expect(second.ingestKey("pk_1")).toBeNull();
        looks[0]?.();
        await expect.poll(() => second.ingestKey("pk_1")).not.toBeNull();
        expect(second.project("one")).not.toBeNull();
        looks[0]?.();
        await second.ping();
        expect(changes).toBe(1);
      } finally {
        await second.close();
      }
    }));

  test("servers that start at once make the tables once", async () => {
    const url = await empty();
    const all = await Promise.all(Array.from({ length: 4 }, () => openSettings({ url })));
    await all[0]?.saveProject(project({ projectId: "one" }));
    await Promise.all(all.map((settings) => settings.ping()));
    await Promise.all(all.map((settings) => settings.close()));
    await again(url, (settings) => {
      expect(settings.projects).toHaveLength(1);
      return Promise.resolve();
    });
  });

  test("servers that change things at once lose nothing: each change begins with what is there", async () => {
    const url = await empty();
    const all = await Promise.all(Array.from({ length: 3 }, () => openSettings({ url })));
    const [one] = all;
    await one?.saveProject(project({ projectId: "one" }));
    const key = publicKey({ projectId: "one", keyId: "pk_1" });
    await one?.saveIngestKey(key);
    await Promise.all(
      all.flatMap((settings, server) => [
        settings.changeProject("one", (before) => ({
          ...before,
          thresholds: { ...before.thresholds, [`from-${server}`]: {} },
        })),
        // Revoking must not be undone by somebody who changes the label.
        settings.changeIngestKey("one", "pk_1", (before) =>
          server === 1 ? { ...before, revokedAt: 7 } : { ...before, label: `${before.label}+${server}` },
        ),
      ]),
    );
    for (const settings of all) {
      await settings.refresh();
      const { thresholds = {} } = settings.project("one") ?? {};
      expect(Object.keys(thresholds).toSorted()).toEqual(["from-0", "from-1", "from-2"]);
      expect(settings.ingestKey("pk_1")?.revokedAt).toBe(7);
      expect(settings.ingestKey("pk_1")?.label).toMatch(/^page(\+0\+2|\+2\+0)$/);
      await settings.close();
    }
  });

  test("a change of what is not there, or that throws, changes nothing", () =>
    opened(async (settings) => {
      await settings.createProject(
        project({ projectId: "one" }),
        publicKey({ projectId: "one", keyId: "pk_1" }),
      );
      await settings.createProject(project({ projectId: "two" }), null);
      const unknown = { code: "ingest-key-unknown" };
      await expect(settings.changeProject("none", (same) => same)).rejects.toMatchObject({
        code: "project-unknown",
      });
      await expect(settings.changeIngestKey("two", "pk_1", (same) => same)).rejects.toMatchObject(unknown);
      await expect(settings.changeIngestKey("one", "none", (same) => same)).rejects.toMatchObject(unknown);
      const thrown = settings.changeProject("one", () => {
        throw new Error("no");
      });
      await expect(thrown).rejects.toThrow();
      // An id that is taken, and then a key that is: nothing of it is there.
      const taken = publicKey({ projectId: "three", keyId: "pk_1" });
      const conflict = { code: "settings-conflict" };
      await expect(settings.createProject(project({ projectId: "one" }), null)).rejects.toMatchObject(
        conflict,
      );
      await expect(settings.createProject(project({ projectId: "three" }), taken)).rejects.toMatchObject(
        conflict,
      );
      expect(settings.projects.map(({ projectId }) => projectId)).toEqual(["one", "two"]);
      expect(settings.ingestKey("pk_1")).toEqual(publicKey({ projectId: "one", keyId: "pk_1" }));
      await settings.deleteProject("two");
      await expect(settings.deleteProject("one")).rejects.toMatchObject({ code: "project-needed" });
      expect(settings.projects).toHaveLength(1);
    }));

  test("keys, views and notes are bounded; forgotten are only revoked keys, oldest first", () =>
    opened(async (settings, url) => {
      await settings.saveProject(project({ projectId: "one" }));
      const full = { code: "settings-limit-reached" };
      const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
      const { database } = openDatabase(url, () => {});
      const key = (keyId: string, revokedAt: number | null = null) =>
        publicKey({ projectId: "one", keyId, revokedAt });
      await database
        .insertInto("ingestKeys")
        .values([
          ...numbers(100).map((index) => keyToRow(key(`old_${index}`, 1_000 + index))),
          ...numbers(99).map((index) => keyToRow(key(`good_${index}`))),
        ])
        .execute();
      await settings.saveIngestKey(key("good_99"));
      await settings.saveIngestKey(key("old_100", 1_100));
      expect(settings.ingestKey("old_0")).toBeNull();
      expect(settings.ingestKey("old_1")).not.toBeNull();
      await expect(settings.saveIngestKey(key("more"))).rejects.toMatchObject(full);
      expect(settings.ingestKey("more")).toBeNull();
      expect(settings.ingestKeysOf("one")).toHaveLength(100);

      await database
        .insertInto("sessionNotes")
        .values(numbers(499).map((index) => note({ projectId: "one", noteId: `n_${index}` })))
        .execute();
      await database
        .insertInto("savedViews")
        .values(
          numbers(499).map((index) => ({ ...view({ projectId: "one", viewId: `v_${index}` }), shared: 0 })),
        )
        .execute();
      await database.destroy();
      await settings.saveNote(note({ projectId: "one", noteId: "n_499" }));
      await settings.saveView(view({ projectId: "one", viewId: "v_499" }));
      const another = note({ projectId: "one", noteId: "n_more" });
      await expect(settings.saveNote(another)).rejects.toMatchObject(full);
      await expect(settings.saveView(view({ projectId: "one", viewId: "v_more" }))).rejects.toMatchObject(
        full,
      );
      await settings.saveNote({ ...another, sessionId: "session-2" });
      await settings.saveNote(note({ projectId: "one", noteId: "n_1", text: "changed" }));
      expect(await settings.notes("session-1")).toHaveLength(500);
      expect(await settings.savedViews("one")).toHaveLength(500);
    }));
});

const entry = {
  at: 1_790_000_000_000,
  actor: "local:local",
  actorName: "this machine",
  action: "project-changed",
  projectId: null,
  subject: "",
  details: {},
};
