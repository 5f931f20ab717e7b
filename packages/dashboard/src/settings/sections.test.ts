import type { Me } from "@peerscope/schema/api";
import { expect, test } from "vitest";
import { maySee, sectionIds, sections } from "./sections.ts";

const me = (role: "viewer" | "analyst" | "admin", isServerAdmin: boolean): Me => ({
  principal: { kind: "user", id: "u_1", name: "kim@example.org", isServerAdmin },
  projects: [{ projectId: "shop", name: "Shop", role }],
  login: { password: true, oidc: false },
});
const seen = (whom: Me): string[] =>
  sections.filter((section) => maySee(section, whom, whom.projects[0] ?? null)).map(({ id }) => id);

test("people see the pages that they may use", () => {
  expect(seen(me("viewer", false))).toEqual(["thresholds", "projects", "account", "health"]);
  expect(seen(me("admin", false))).not.toContain("users");
  expect(seen(me("admin", true))).toEqual([...sectionIds]);
  expect(seen({ ...me("admin", true), principal: null })).toEqual([]);
});
