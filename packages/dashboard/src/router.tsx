import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  retainSearchParams,
} from "@tanstack/react-router";
import type { QueryClient } from "@tanstack/react-query";
import { analysisQuery, sessionQuery } from "./queries/sessions.ts";
import { openEarly } from "./session/early-session.ts";
import { AppFrame } from "./frame/app-frame.tsx";
import { NotFound, RouteFailed } from "./frame/fallbacks.tsx";
import { SessionsRoute } from "./routes/sessions.tsx";
import { readLoginSearch } from "./access/login-search.ts";
import { readGallerySearch } from "./gallery/gallery-search.ts";
import { readSettingsSearch } from "./settings/settings-search.ts";
import {
  parseSearch,
  readCallSearch,
  readCompareSearch,
  readFrameSearch,
  readSessionSearch,
  readSessionsSearch,
  stringifySearch,
  type FrameSearch,
} from "./url/search.ts";

/** What routes have to begin their questions with. */
interface RouterContext {
  readonly queries: QueryClient;
}

const rootRoute = createRootRouteWithContext<RouterContext>()({
  component: AppFrame,
  notFoundComponent: NotFound,
  errorComponent: RouteFailed,
  validateSearch: readFrameSearch,
  // The time zone and the project go along wherever the reader goes.
  search: { middlewares: [retainSearchParams<FrameSearch>(["tz", "project"])] },
});

const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  component: lazyRouteComponent(() => import("./routes/home.tsx"), "HomeRoute"),
});

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/login",
  validateSearch: readLoginSearch,
  component: lazyRouteComponent(() => import("./routes/login.tsx"), "LoginRoute"),
});

const settingsHomeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/settings",
  beforeLoad: () => {
    throw redirect({ to: "/settings/$section", params: { section: "keys" }, replace: true });
  },
});

const settingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/settings/$section",
  validateSearch: readSettingsSearch,
  component: lazyRouteComponent(() => import("./routes/settings.tsx"), "SettingsRoute"),
});

const sessionsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sessions",
  validateSearch: readSessionsSearch,
  component: SessionsRoute,
});

const sessionRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sessions/$id",
  validateSearch: readSessionSearch,
  // What the page asks first is asked while its code comes; not for every link that a pointer passes.
  // What stands in the URL changes with every zoom: it is the same session.
  loader: ({ params: { id }, context: { queries }, cause }) => {
    if (cause !== "enter") return;
    openEarly(id);
    void queries.prefetchQuery(sessionQuery(id));
    void queries.prefetchQuery(analysisQuery(id));
  },
  component: lazyRouteComponent(() => import("./routes/session.tsx"), "SessionRoute"),
});

const reportRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sessions/$id/report",
  component: lazyRouteComponent(() => import("./routes/report.tsx"), "ReportRoute"),
});

const callRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/calls/$id",
  validateSearch: readCallSearch,
  component: lazyRouteComponent(() => import("./routes/call.tsx"), "CallRoute"),
});

const liveRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/live",
  component: lazyRouteComponent(() => import("./routes/live.tsx"), "LiveRoute"),
});

const compareRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/compare",
  validateSearch: readCompareSearch,
  component: lazyRouteComponent(() => import("./routes/compare.tsx"), "CompareRoute"),
});

const dumpRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/dump",
  validateSearch: readSessionSearch,
  component: lazyRouteComponent(() => import("./routes/dump.tsx"), "DumpRoute"),
});

/** For whoever works on the dashboard: every panel on fixed data. In no menu. */
const galleryRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/gallery",
  validateSearch: readGallerySearch,
  component: lazyRouteComponent(() => import("./routes/gallery.tsx"), "GalleryRoute"),
});

const routeTree = rootRoute.addChildren([
  homeRoute,
  loginRoute,
  settingsHomeRoute,
  settingsRoute,
  sessionsRoute,
  sessionRoute,
  reportRoute,
  callRoute,
  liveRoute,
  compareRoute,
  dumpRoute,
  galleryRoute,
]);

// What it returns is only known to inference: the tree of routes with their parameters.
// oxlint-disable-next-line typescript/explicit-function-return-type
export function createAppRouter(queries: QueryClient) {
  return createRouter({
    routeTree,
    context: { queries },
    parseSearch: (query) => parseSearch(query),
    stringifySearch,
    defaultPreload: "intent",
    scrollRestoration: true,
    defaultErrorComponent: RouteFailed,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
