import type { Me } from "@peerscope/schema/api";
import { expect, test } from "vitest";
import { currentProject, includesRole } from "./me.ts";

const me: Me = {
  principal: { kind: "user", id: "u_1", name: "kim@example.org", isServerAdmin: false },
  projects: [
    { projectId: "shop", name: "Shop", role: "viewer" },
    { projectId: "bank", name: "Bank", role: "admin" },
  ],
  login: { password: true, oidc: false },
};

test("the URL names the project, else it is the first; one that is not theirs is none", () => {
  expect(currentProject(me, undefined)?.projectId).toBe("shop");
  expect(currentProject(me, "bank")?.role).toBe("admin");
  expect(currentProject(me, "other")).toBeNull();
  expect(currentProject(undefined, "bank")).toBeNull();
});

test("each role may do what the one before may", () => {
  expect(includesRole("admin", "viewer")).toBe(true);
  expect(includesRole("analyst", "analyst")).toBe(true);
  expect(includesRole("viewer", "admin")).toBe(false);
  expect(includesRole(undefined, "viewer")).toBe(false);
});
