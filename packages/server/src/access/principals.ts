import type { ApiToken, User } from "../settings/settings.ts";
import { includesRole, type Principal, type Role } from "./principal.ts";

/** What a user may do. */
export function userPrincipal(user: User): Principal {
  return {
    kind: "user",
    id: user.userId,
    name: user.email,
    isServerAdmin: user.isServerAdmin,
    roleIn: (projectId) => (user.isServerAdmin ? "admin" : roleOf(user.roles, projectId)),
  };
}

/** What a token may do: never more than the one who made it may do now. */
export function tokenPrincipal(token: ApiToken, maker: Principal): Principal {
  return {
    kind: "api-token",
    id: token.tokenId,
    name: token.label,
    isServerAdmin: token.isServerAdmin && maker.isServerAdmin,
    roleIn(projectId) {
      const role = token.isServerAdmin ? "admin" : roleOf(token.roles, projectId);
      return lesser(role, maker.roleIn(projectId));
    },
  };
}

/** Own members only: a project may be called `constructor`. */
function roleOf(given: Readonly<Record<string, Role>>, projectId: string): Role | null {
  return Object.hasOwn(given, projectId) ? (given[projectId] ?? null) : null;
}

function lesser(one: Role | null, other: Role | null): Role | null {
  if (one === null || other === null) return null;
  return includesRole(other, one) ? one : other;
}
