import { mkdirSync } from "node:fs";
import { RequestError } from "../errors.ts";
import { openServerSettings } from "../settings/first-start.ts";
import type { ApiToken, User } from "../settings/settings.ts";
import { makeApiToken } from "./api-tokens.ts";
import { createAuditWriter, type Actor } from "./audit.ts";
import { createPasswordHasher, passwordProblem, type ScryptCost } from "./password-hash.ts";
import { newId } from "./secrets.ts";

export interface AdministrationOptions {
  readonly dataFolder: string;
  /** PostgreSQL of the settings; null: the SQLite file in the data folder. */
  readonly settingsUrl: string | null;
  /** Of new passwords. Tests take a cheap one. */
  readonly scryptCost?: ScryptCost;
}

/** What whoever owns the machine may do to users without a login, while the server runs or is stopped. */
export interface Administration {
  /** Makes a server admin. A password of null: they log in through the identity provider. */
  createAdmin(email: string, name: string, password: string | null): Promise<User>;
  /** Also lets a disabled user in again, and ends all their logins. */
  resetPassword(email: string, password: string): Promise<User>;
  users(): Promise<readonly User[]>;
  /** Returns the token, which is not kept. */
  createToken(
    about: Pick<ApiToken, "label" | "roles" | "isServerAdmin"> & { readonly expiresInDays: number | null },
  ): Promise<string>;
  close(): Promise<void>;
}

/** What was asked for cannot be done; `message` begins with a code of docs/reference/errors.md. */
export class AdministrationError extends Error {
  override readonly name = "ServerAdministrationError";
}

const commandLine: Actor = { kind: "cli", id: "", name: "command line" };

/**
 * Opens the settings of a server. What the methods refuse they tell by an AdministrationError.
 * @throws ServerStartError `settings-unusable`
 */
export async function openAdministration(options: AdministrationOptions): Promise<Administration> {
  mkdirSync(options.dataFolder, { recursive: true });
  const settings = await openServerSettings({ dataFolder: options.dataFolder, url: options.settingsUrl });
  const passwords = createPasswordHasher(options.scryptCost);
  const audit = createAuditWriter(settings, Date.now);

  async function hashed(password: string, email: string): Promise<string> {
    const problem = passwordProblem(password, email);
    if (problem !== null) throw new RequestError("password-unusable", problem);
    return passwords.hash(password);
  }

  return {
    createAdmin: (givenEmail, name, password) =>
      told(async () => {
        const email = givenEmail.trim().toLowerCase();
        if (!/^[^\s@]{1,64}@[^\s@]{1,189}$/.test(email))
          throw new RequestError("query-invalid", `${givenEmail} is no e-mail address.`);
        if ((await settings.userByEmail(email)) !== null) throw new RequestError("user-exists");
        const user: User = {
          userId: newId("u"),
          email,
          name,
          passwordHash: password === null ? null : await hashed(password, email),
          isServerAdmin: true,
          roles: {},
          createdAt: Date.now(),
          disabledAt: null,
        };
        await settings.saveUser(user);
        const details = { email, isServerAdmin: true };
        await audit(commandLine, { action: "user-created", subject: user.userId, details });
        return user;
      }),
    resetPassword: (email, password) =>
      told(async () => {
        const user = await settings.userByEmail(email.trim());
        if (user === null) throw new RequestError("user-unknown");
        const changed = { ...user, passwordHash: await hashed(password, user.email), disabledAt: null };
        await settings.saveUser(changed);
        await settings.deleteLoginsOf(user.userId);
        await audit(commandLine, {
          action: "password-changed",
          subject: user.userId,
          details: { email: user.email },
        });
        return changed;
      }),
    users: () => told(() => settings.users()),
    createToken: (about) =>
      told(async () => {
        for (const projectId of Object.keys(about.roles))
          if (settings.project(projectId) === null) throw new RequestError("project-unknown", projectId);
        const { token, secret } = makeApiToken({ ...about, createdBy: "cli:" }, Date.now());
        await settings.saveApiToken(token);
        const { tokenId, label, isServerAdmin } = token;
        const details = { label, isServerAdmin };
        await audit(commandLine, { action: "token-created", subject: tokenId, details });
        return secret;
      }),
    close: () => settings.close(),
  };
}

async function told<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    throw new AdministrationError(`${error.code}: ${error.message}`);
  }
}
