import type { FastifyInstance } from "fastify";
import {
  memberChangeSchema,
  newUserSchema,
  userChangeSchema,
  type MemberList,
  type UserList,
  type UserView,
} from "@peerscope/schema/api";
import { RequestError } from "../../errors.ts";
import type { User } from "../../settings/settings.ts";
import type { AccessParts } from "../access.ts";
import { passwordProblem } from "../password-hash.ts";
import type { Principal, Role } from "../principal.ts";
import { projectOfPath } from "../route-access.ts";
import { newId } from "../secrets.ts";
import { demandAdminAfter } from "../user-changes.ts";
import { parseBody } from "./parse-body.ts";

const serverAdmin = { config: { access: { kind: "server-admin" } } } as const;
const projectAdmin = {
  config: { access: { kind: "project", role: "admin", projectIn: projectOfPath } },
} as const;
const bodyLimit = 64 << 10;

interface UserParams {
  Params: { userId: string };
}
interface ProjectParams {
  Params: { projectId: string };
}

/** Users, and what they may do in projects. */
export function addUserRoutes(app: FastifyInstance, access: AccessParts): void {
  const { settings, passwords, audit, change, now } = access;
  const hasOidc = access.oidc !== null;

  app.get("/api/users", serverAdmin, async (): Promise<UserList> => ({
    users: (await settings.users()).map(toView),
  }));

  app.post("/api/users", { ...serverAdmin, bodyLimit }, async ({ principal, body }, reply) => {
    const { password, ...asked } = parseBody(newUserSchema, body);
    demandPerson(principal, password !== undefined || asked.isServerAdmin);
    demandProjects(asked.roles);
    const passwordHash = password === undefined ? null : await hashed(password, asked.email);
    const user: User = { userId: newId("u"), ...asked, passwordHash, createdAt: now(), disabledAt: null };
    await change(async () => {
      if ((await settings.userByEmail(user.email)) !== null) throw new RequestError("user-exists");
      // The first user ends the time without login.
      await demandAdminAfter(settings, user.userId, user, hasOidc);
      await settings.saveUser(user);
    });
    const { email, isServerAdmin } = user;
    await audit(principal, {
      action: "user-created",
      subject: user.userId,
      details: { email, isServerAdmin },
    });
    return reply.code(201).send(toView(user));
  });

  app.patch<UserParams>(
    "/api/users/:userId",
    { ...serverAdmin, bodyLimit },
    async ({ principal, body, params }): Promise<UserView> => {
      const { password, disabled, ...asked } = parseBody(userChangeSchema, body);
      demandPerson(principal, password !== undefined || asked.isServerAdmin === true);
      demandProjects(asked.roles ?? {});
      const { email } = await userOf(params.userId);
      const passwordHash =
        password === undefined || password === null ? password : await hashed(password, email);
      const after = await change(async () => {
        const before = await userOf(params.userId);
        const disabledAt = disabled === undefined ? before.disabledAt : disabled ? now() : null;
        const user: User = {
          ...before,
          name: asked.name ?? before.name,
          isServerAdmin: asked.isServerAdmin ?? before.isServerAdmin,
          roles: asked.roles ?? before.roles,
          passwordHash: passwordHash === undefined ? before.passwordHash : passwordHash,
          disabledAt,
        };
        await demandAdminAfter(settings, user.userId, user, hasOidc);
        await settings.saveUser(user);
        return user;
      });
      if (password !== undefined || disabled === true) await settings.deleteLoginsOf(after.userId);
      await audit(principal, {
        action: "user-changed",
        subject: after.userId,
        details: {
          email,
          isServerAdmin: after.isServerAdmin,
          isDisabled: after.disabledAt !== null,
          isPasswordNew: password !== undefined,
          roles: rolesText(after.roles),
        },
      });
      return toView(after);
    },
  );

  app.delete<UserParams>("/api/users/:userId", serverAdmin, async ({ principal, params }, reply) => {
    const { email } = await change(async () => {
      const user = await userOf(params.userId);
      await demandAdminAfter(settings, user.userId, null, hasOidc);
      await settings.deleteLoginsOf(user.userId);
      await settings.deleteUser(user.userId);
      return user;
    });
    await audit(principal, { action: "user-deleted", subject: params.userId, details: { email } });
    return reply.code(204).send();
  });

  app.get<ProjectParams>("/api/projects/:projectId/members", projectAdmin, ({ params }) =>
    members(params.projectId),
  );

  app.put<ProjectParams>(
    "/api/projects/:projectId/members",
    { ...projectAdmin, bodyLimit },
    async ({ principal, body, params }): Promise<MemberList> => {
      const { email, role } = parseBody(memberChangeSchema, body);
      const { projectId } = params;
      const user = await change(async () => {
        const before = await settings.userByEmail(email);
        if (before === null) throw new RequestError("user-unknown");
        const { [projectId]: _, ...others } = before.roles;
        const roles = role === null ? others : { ...others, [projectId]: role };
        await settings.saveUser({ ...before, roles });
        return before;
      });
      await audit(principal, {
        action: role === null ? "role-taken" : "role-given",
        projectId,
        subject: user.userId,
        details: { email: user.email, role },
      });
      return members(projectId);
    },
  );

  async function members(projectId: string): Promise<MemberList> {
    const users = await settings.users();
    return {
      members: users.flatMap(({ userId, email, name, roles, disabledAt }) => {
        const role = Object.hasOwn(roles, projectId) ? roles[projectId] : undefined;
        return role === undefined ? [] : [{ userId, email, name, role, disabled: disabledAt !== null }];
      }),
    };
  }

  async function userOf(userId: string): Promise<User> {
    const user = await settings.userById(userId);
    if (user === null) throw new RequestError("user-unknown");
    return user;
  }

  async function hashed(password: string, email: string): Promise<string> {
    const problem = passwordProblem(password, email);
    if (problem !== null) throw new RequestError("password-unusable", problem);
    return passwords.hash(password);
  }

  function demandProjects(roles: Readonly<Record<string, Role>>): void {
    for (const projectId of Object.keys(roles))
      if (settings.project(projectId) === null) throw new RequestError("project-unknown", projectId);
  }
}

/** A token that leaked must not be able to make a way in that outlives it. */
function demandPerson({ kind }: Principal, isLasting: boolean): void {
  if (isLasting && kind === "api-token") throw new RequestError("person-needed");
}

function rolesText(roles: Readonly<Record<string, Role>>): string {
  return Object.entries(roles)
    .map(([projectId, role]) => `${projectId}: ${role}`)
    .join(", ");
}

function toView({ passwordHash, ...user }: User): UserView {
  return { ...user, hasPassword: passwordHash !== null };
}
