import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { sectionIds } from "../../packages/dashboard/src/settings/sections.ts";
import { tabs } from "../../packages/dashboard/src/url/search.ts";

/** A page of the dashboard in one of its views, on the recorded calls that a first start brings along. */
export interface View {
  readonly name: string;
  /** As the router has it. */
  readonly route: string;
  /** Where it is. */
  readonly path: string;
  /** CSS of what is there when it is. */
  readonly ready: string;
}

const panel = '[role="tabpanel"]:not([hidden]) > *';

/** Views of a session and of a call: of the recorded ones unless told. */
export function viewsOf(sessionId = "capture-loss-10-a", callId = "loss-10"): readonly View[] {
  const call = encodeURIComponent(callId);
  return [
    { name: "sessions", route: "/sessions", path: "/sessions", ready: "tr[data-session-id]" },
    ...tabs.map((tab) => ({
      name: `session, ${tab}`,
      route: "/sessions/$id",
      path: `/sessions/${sessionId}${tab === "timeline" ? "" : `?tab=${tab}`}`,
      ready: panel,
    })),
    {
      name: "report",
      route: "/sessions/$id/report",
      path: `/sessions/${sessionId}/report`,
      ready: '[data-testid="report"]',
    },
    { name: "call", route: "/calls/$id", path: `/calls/${call}`, ready: "tr[data-session-id]" },
    {
      name: "compare",
      route: "/compare",
      path: "/compare?a=capture-loss-10-a&b=capture-good-call-a",
      ready: "main h1",
    },
    { name: "live", route: "/live", path: "/live", ready: "main h1" },
    { name: "login", route: "/login", path: "/login", ready: "main h1" },
    ...sectionIds.map((section) => ({
      name: `settings, ${section}`,
      route: "/settings/$section",
      path: `/settings/${section}`,
      ready: "main h1",
    })),
    { name: "dump", route: "/dump", path: "/dump", ready: "main h1" },
    {
      name: "gallery",
      route: "/gallery",
      path: "/gallery?group=start&panel=start-refused",
      ready: "[data-panel]",
    },
  ];
}

/** Addresses that only lead to another one. */
export const redirects: readonly string[] = ["/", "/settings"];

/** Addresses that the router knows: read from its source, so that no page can be forgotten. */
export function routesOfDashboard(): readonly string[] {
  const source = fileURLToPath(new URL("../../packages/dashboard/src/router.tsx", import.meta.url));
  return [...readFileSync(source, "utf8").matchAll(/\bpath: "([^"]+)"/g)].map(([, path]) => path ?? "");
}
