import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { passwordChangeSchema, passwordLoginSchema, type Me } from "@peerscope/schema/api";
import { RequestError } from "../../errors.ts";
import type { User } from "../../settings/settings.ts";
import type { AccessParts } from "../access.ts";
import { oidcCallbackPath, pageOfThisServer, readAttempt, writeAttempt } from "../oidc.ts";
import { demandOwnPage } from "../origin.ts";
import { passwordProblem } from "../password-hash.ts";
import type { Principal } from "../principal.ts";
import { userPrincipal } from "../principals.ts";
import { newId } from "../secrets.ts";
import { parseBody } from "./parse-body.ts";

const open = { config: { access: { kind: "public" } } } as const;
const signedIn = { config: { access: { kind: "signed-in" } } } as const;
/** Logins are small. */
const bodyLimit = 8 << 10;
/** A login at the provider has to be done within this, in seconds. Ours. */
const attemptSeconds = 600;
/** Whether anybody has a password is looked up at most this often. Ours. */
const passwordsLookMs = 5_000;
/** Failed logins that are written down in a minute; a flood must not fill the database. Ours. */
const maxAuditedFailures = 60;

/** Who am I, in, and out. */
export function addLoginRoutes(app: FastifyInstance, access: AccessParts): void {
  const { settings, logins, passwords, throttle, oidc, audit, now } = access;
  const nobody = { kind: "nobody", id: "", name: "" } as const;
  const audited = { since: 0, failures: 0 };
  const looked = { at: 0, isThere: false };

  app.get("/api/me", open, async (request): Promise<Me> => me(await access.principalOf(request)));

  app.post("/api/login", { ...open, bodyLimit }, async (request, reply): Promise<Me> => {
    demandOwnPage(request, access.publicUrl, false);
    const { email, password } = parseBody(passwordLoginSchema, request.body);
    const account = email.trim().toLowerCase();
    const address = access.addressOf(request);
    demandPatience(account, address, reply);
    const user = await settings.userByEmail(account);
    // The same work for everybody: the time must not say who has an account.
    const isRight = await passwords.matches(password, user?.disabledAt === null ? user.passwordHash : null);
    if (!isRight || user === null) {
      await failed(user, address);
      throw new RequestError("login-failed");
    }
    throttle.succeeded(account, address);
    return enter(user, "password", request, reply);
  });

  app.post("/api/logout", open, async (request, reply) => {
    demandOwnPage(request, access.publicUrl, false);
    const user = await logins.userOf(request);
    await logins.end(request, reply);
    if (user !== null) await audit(userPrincipal(user), { action: "logged-out", subject: user.userId });
    return reply.code(204).send();
  });

  app.post("/api/me/password", { ...signedIn, bodyLimit }, async (request, reply) => {
    const { principal } = request;
    if (principal.kind !== "user") throw new RequestError("person-needed");
    const { current, next } = parseBody(passwordChangeSchema, request.body);
    const before = await settings.userById(principal.id);
    const address = access.addressOf(request);
    // A browser that somebody left open must not be a way to guess either.
    demandPatience(principal.name, address, reply);
    if (!(await passwords.matches(current, before?.passwordHash ?? null)))
      throw new RequestError("login-failed");
    throttle.succeeded(principal.name, address);
    const problem = passwordProblem(next, principal.name);
    if (problem !== null) throw new RequestError("password-unusable", problem);
    const passwordHash = await passwords.hash(next);
    await access.change(async () => {
      const user = await settings.userById(principal.id);
      if (user === null) throw new RequestError("user-unknown");
      await settings.saveUser({ ...user, passwordHash });
    });
    await logins.endOthers(principal.id, request);
    await audit(principal, { action: "password-changed", subject: principal.id });
    return reply.code(204).send();
  });

  app.get<{ Querystring: { next?: string } }>("/api/login/oidc", open, async ({ query }, reply) => {
    if (oidc === null) throw new RequestError("login-unavailable");
    const { url, attempt } = await oidc.begin(pageOfThisServer(query.next));
    access.attemptCookie.write(reply, writeAttempt(attempt), attemptSeconds);
    return reply.header("cache-control", "no-store").redirect(url.href);
  });

  app.get(oidcCallbackPath, open, async (request, reply) => {
    if (oidc === null) throw new RequestError("login-unavailable");
    const attempt = readAttempt(access.attemptCookie.read(request) ?? "");
    access.attemptCookie.clear(reply);
    if (attempt === null) throw new RequestError("oidc-failed");
    const mark = request.url.indexOf("?");
    const { email, name } = await oidc.finish(attempt, mark < 0 ? "" : request.url.slice(mark));
    const user = (await settings.userByEmail(email)) ?? (await welcome(email, name));
    if (user === null || user.disabledAt !== null) {
      await failed(user, access.addressOf(request));
      throw new RequestError("oidc-not-invited");
    }
    await enter(user, "oidc", request, reply);
    return reply.header("cache-control", "no-store").redirect(attempt.next);
  });

  function demandPatience(account: string, address: string | null, reply: FastifyReply): void {
    const waitMs = throttle.attempt(account, address);
    if (waitMs === 0) return;
    void reply.header("retry-after", Math.ceil(waitMs / 1_000));
    throw new RequestError("login-throttled");
  }

  async function enter(
    user: User,
    way: "password" | "oidc",
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<Me> {
    await logins.begin(user, request, reply);
    const principal = userPrincipal(user);
    await audit(principal, {
      action: "logged-in",
      subject: user.userId,
      details: { way, address: access.addressOf(request) ?? "loopback" },
    });
    return me(principal);
  }

  /** Who is not known by name is not written down either: people type passwords into the wrong field. */
  async function failed(user: User | null, address: string | null): Promise<void> {
    if (now() - audited.since >= 60_000) Object.assign(audited, { since: now(), failures: 0 });
    audited.failures += 1;
    if (audited.failures > maxAuditedFailures) return;
    await audit(nobody, {
      action: "login-failed",
      subject: user?.userId ?? "",
      details: { address: address ?? "loopback" },
    });
  }

  /** Makes a user for somebody of a domain whose people may enter. */
  async function welcome(email: string, name: string): Promise<User | null> {
    const domain = email.slice(email.lastIndexOf("@") + 1);
    const domains = access.oidcDomains;
    const projectIds = Object.hasOwn(domains, domain) ? (domains[domain] ?? []) : null;
    if (projectIds === null) return null;
    const known = projectIds.filter((projectId) => settings.project(projectId) !== null);
    const user: User = {
      userId: newId("u"),
      email,
      name,
      passwordHash: null,
      isServerAdmin: false,
      roles: Object.fromEntries(known.map((projectId) => [projectId, "viewer" as const])),
      createdAt: now(),
      disabledAt: null,
    };
    await settings.saveUser(user);
    await audit(userPrincipal(user), { action: "user-created", subject: user.userId, details: { domain } });
    return user;
  }

  /** Everybody may ask, so it is not looked up each time. */
  async function hasPasswords(): Promise<boolean> {
    if (now() - looked.at >= passwordsLookMs) {
      const users = await settings.users();
      const isThere = users.some(({ passwordHash }) => passwordHash !== null);
      Object.assign(looked, { at: now(), isThere });
    }
    return looked.isThere;
  }

  async function me(principal: Principal | null): Promise<Me> {
    return {
      principal:
        principal === null
          ? null
          : {
              kind: principal.kind,
              id: principal.id,
              name: principal.name,
              isServerAdmin: principal.isServerAdmin,
            },
      projects: settings.projects.flatMap(({ projectId, name }) => {
        const role = principal?.roleIn(projectId) ?? null;
        return role === null ? [] : [{ projectId, name, role }];
      }),
      login: { password: await hasPasswords(), oidc: oidc !== null },
    };
  }
}
