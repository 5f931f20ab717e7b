import type { FastifyInstance, FastifyRequest } from "fastify";
import { isLoopback } from "../config.ts";
import { ServerStartError } from "../errors.ts";
import type { Settings } from "../settings/settings.ts";
import { createAuditWriter, type AuditWriter } from "./audit.ts";
import { createAuthenticator } from "./authenticate.ts";
import { addAuthorization } from "./authorize.ts";
import { createCookie, type Cookie } from "./cookies.ts";
import { createLogins, type Logins } from "./logins.ts";
import { createLoginThrottle, type LoginThrottle } from "./login-throttle.ts";
import { createOidc, type Oidc, type OidcConfig } from "./oidc.ts";
import type { OwnAddresses } from "./origin.ts";
import { createPasswordHasher, type PasswordHasher, type ScryptCost } from "./password-hash.ts";
import type { Principal } from "./principal.ts";
import { demandRouteAccess, type DeclaredRoute } from "./route-access.ts";
import { addLoginRoutes } from "./routes/login-routes.ts";
import { addTokenRoutes } from "./routes/token-routes.ts";
import { addUserRoutes } from "./routes/user-routes.ts";
import { createOneAfterTheOther, isUsableAdmin, type OneAfterTheOther } from "./user-changes.ts";

export interface AccessOptions extends OwnAddresses {
  readonly settings: Settings;
  /** Null: logins by password only. */
  readonly oidc: OidcConfig | null;
  /** Network address as it is counted; null for this machine itself. */
  readonly addressOf: (request: FastifyRequest) => string | null;
  /** The server answers https itself. */
  readonly hasTls?: boolean;
  readonly now: () => number;
  readonly onProblem: (error: unknown) => void;
  /** Of new passwords. Tests take a cheap one. */
  readonly scryptCost?: ScryptCost;
}

/** What the routes of this folder work with. */
export interface AccessParts {
  readonly settings: Settings;
  readonly principalOf: (request: FastifyRequest) => Promise<Principal | null>;
  readonly logins: Logins;
  readonly passwords: PasswordHasher;
  readonly throttle: LoginThrottle;
  readonly oidc: Oidc | null;
  readonly oidcDomains: OidcConfig["domains"];
  /** Carries a login at the identity provider through the browser. */
  readonly attemptCookie: Cookie;
  readonly publicUrl: URL | null;
  readonly addressOf: AccessOptions["addressOf"];
  readonly audit: AuditWriter;
  /** For all changes of users. */
  readonly change: OneAfterTheOther;
  readonly now: () => number;
}

export interface Access {
  /** All of the server. */
  readonly routes: readonly DeclaredRoute[];
  /** Throws the RequestError of a request that would not be let through any more. */
  readonly authorize: (request: FastifyRequest) => Promise<void>;
  /** Removes logins that are over. Called now and then. */
  sweep(): Promise<void>;
}

/**
 * Decides about every route that is added from now on, and adds those for logins, users and tokens.
 */
export function addAccess(app: FastifyInstance, options: AccessOptions): Access {
  const { settings, publicUrl, now } = options;
  const isSecure = publicUrl === null ? options.hasTls === true : publicUrl.protocol === "https:";
  const logins = createLogins({ settings, cookie: createCookie("peerscope", isSecure), now });
  const principalOf = createAuthenticator({
    settings,
    logins,
    isOpenToThisMachine: isForThisMachineOnly(options),
    publicUrl,
    now,
  });
  const parts: AccessParts = {
    settings,
    principalOf,
    logins,
    passwords: createPasswordHasher(options.scryptCost),
    throttle: createLoginThrottle(now),
    oidc:
      options.oidc === null || publicUrl === null
        ? null
        : createOidc(options.oidc, publicUrl, options.onProblem),
    oidcDomains: options.oidc?.domains ?? {},
    attemptCookie: createCookie("peerscope-oidc", isSecure),
    publicUrl,
    addressOf: options.addressOf,
    audit: createAuditWriter(settings, now),
    change: createOneAfterTheOther(),
    now,
  };
  const routes = demandRouteAccess(app);
  const authorize = addAuthorization(app, {
    principalOf,
    hasProject: (projectId) => settings.project(projectId) !== null,
  });
  addLoginRoutes(app, parts);
  addUserRoutes(app, parts);
  addTokenRoutes(app, parts);
  return { routes, authorize, sweep: () => logins.sweep() };
}

/** Nobody else can reach the server, so nobody has to log in as long as there is no user. */
export function isForThisMachineOnly({ host, publicUrl }: OwnAddresses): boolean {
  return isLoopback(host) && (publicUrl === null || isLoopback(publicUrl.hostname));
}

/** @throws ServerStartError `admin-missing` when others could reach the server and nobody could administer it. */
export async function demandAdmin(
  settings: Pick<Settings, "users">,
  addresses: OwnAddresses,
  hasOidc: boolean,
): Promise<void> {
  if (isForThisMachineOnly(addresses)) return;
  if ((await settings.users()).some((user) => isUsableAdmin(user, hasOidc))) return;
  throw new ServerStartError(
    "admin-missing",
    "Run `peerscope admin create you@example.org` with the same PEERSCOPE_DATA, then start again; or leave HOST and PEERSCOPE_PUBLIC_URL away, and only this machine can reach the server.",
  );
}
