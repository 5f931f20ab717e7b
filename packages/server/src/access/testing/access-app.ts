import Fastify, { type FastifyInstance, type InjectOptions, type LightMyRequestResponse } from "fastify";
import { RequestError, toApiError } from "../../errors.ts";
import { openSettings } from "../../settings/open-settings.ts";
import type { Settings, User } from "../../settings/settings.ts";
import { project, user } from "../../settings/testing/examples.ts";
import { addAccess, type Access, type AccessOptions } from "../access.ts";
import { refuseOtherHosts } from "../origin.ts";
import { createPasswordHasher } from "../password-hash.ts";
import type { Role } from "../principal.ts";
import { projectOfPath } from "../route-access.ts";

/** Costs nothing: tests are about who may do what. */
export const cheap = { ln: 4, r: 1, p: 1 };
export const goodPassword = "correct horse battery";

/** The routes of this folder and some to protect, with settings in memory and a clock that tests move. */
export interface AccessApp {
  readonly app: FastifyInstance;
  readonly settings: Settings;
  readonly access: Access;
  /** Unix ms. */
  clock: number;
  readonly problems: unknown[];
  /** A person with a password. */
  person(name: string, about?: Partial<User>): Promise<User>;
  /** Logs in and gives the cookie. */
  logIn(email: string, password?: string): Promise<string>;
  /** As a browser on a page of the server does it. */
  ask(cookie: string | null, options: InjectOptions): Promise<LightMyRequestResponse>;
  close(): Promise<void>;
}

export async function startAccessApp(options: Partial<AccessOptions> = {}): Promise<AccessApp> {
  const settings = await openSettings({ url: ":memory:" });
  await settings.saveProject(project({ projectId: "one", name: "One" }));
  await settings.saveProject(project({ projectId: "two", name: "Two", createdAt: 2_000 }));
  const app = Fastify();
  app.setErrorHandler((error, _request, reply) => {
    if (!(error instanceof RequestError)) throw error;
    return reply.code(error.status).send(toApiError(error.code, error.message));
  });
  const problems: unknown[] = [];
  const addresses = { host: options.host ?? "127.0.0.1", publicUrl: options.publicUrl ?? null };
  refuseOtherHosts(app, addresses);
  const state = { clock: 1_700_000_000_000 };
  const access = addAccess(app, {
    settings,
    oidc: null,
    addressOf: ({ ip }) => (ip === "127.0.0.1" ? null : ip),
    now: () => state.clock,
    onProblem: (error) => problems.push(error),
    scryptCost: cheap,
    ...addresses,
    ...options,
  });
  for (const role of ["viewer", "analyst", "admin"] as const satisfies readonly Role[]) {
    const config = { access: { kind: "project", role, projectIn: projectOfPath } } as const;
    app.get(`/api/projects/:projectId/as-${role}`, { config }, () => ({ role }));
    app.post(`/api/projects/:projectId/as-${role}`, { config }, () => ({ role }));
  }
  app.get("/open", { config: { access: { kind: "public" } } }, () => ({}));
  const passwords = createPasswordHasher(cheap);

  const all: AccessApp = {
    app,
    settings,
    access,
    problems,
    get clock() {
      return state.clock;
    },
    set clock(value) {
      state.clock = value;
    },
    async person(name, about = {}) {
      const made = user({
        userId: `u_${name}`,
        email: `${name}@example.org`,
        name,
        passwordHash: await passwords.hash(goodPassword),
        isServerAdmin: false,
        roles: {},
        disabledAt: null,
        ...about,
      });
      await settings.saveUser(made);
      return made;
    },
    async logIn(email, password = goodPassword) {
      const answer = await all.ask(null, { method: "POST", url: "/api/login", payload: { email, password } });
      if (answer.statusCode !== 200) throw new Error(`${email}: ${answer.body}`);
      const [cookie] = answer.cookies;
      return `${cookie?.name}=${cookie?.value}`;
    },
    ask: (cookie, { headers, ...options }) =>
      app.inject({
        ...options,
        headers: {
          host: "127.0.0.1:8080",
          origin: "http://127.0.0.1:8080",
          ...(cookie === null ? {} : { cookie }),
          ...headers,
        },
      }),
    async close() {
      await app.close();
      await settings.close();
    },
  };
  return all;
}

/** Code of an answer that is an ApiError, else its status. */
export function codeOf(answer: LightMyRequestResponse): string | number {
  if (answer.statusCode < 400) return answer.statusCode;
  const body: { error?: { code?: string } } = answer.json();
  return body.error?.code ?? answer.statusCode;
}
