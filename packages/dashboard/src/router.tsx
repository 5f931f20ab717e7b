import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  retainSearchParams,
} from "@tanstack/react-router";
import { AppFrame } from "./frame/app-frame.tsx";
import { NotFound, RouteFailed } from "./frame/fallbacks.tsx";
import { SessionsRoute } from "./routes/sessions.tsx";
import {
  parseSearch,
  readFrameSearch,
  readSessionSearch,
  readSessionsSearch,
  stringifySearch,
  type FrameSearch,
} from "./url/search.ts";

const rootRoute = createRootRoute({
  component: AppFrame,
  notFoundComponent: NotFound,
  errorComponent: RouteFailed,
  validateSearch: readFrameSearch,
  // The time zone goes along wherever the reader goes.
  search: { middlewares: [retainSearchParams<FrameSearch>(["tz"])] },
});

const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/sessions", replace: true });
  },
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
  component: lazyRouteComponent(() => import("./routes/session.tsx"), "SessionRoute"),
});

const callRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/calls/$id",
  component: lazyRouteComponent(() => import("./routes/call.tsx"), "CallRoute"),
});

const liveRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/live",
  component: lazyRouteComponent(() => import("./routes/live.tsx"), "LiveRoute"),
});

const dumpRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/dump",
  validateSearch: readSessionSearch,
  component: lazyRouteComponent(() => import("./routes/dump.tsx"), "DumpRoute"),
});

const routeTree = rootRoute.addChildren([
  homeRoute,
  sessionsRoute,
  sessionRoute,
  callRoute,
  liveRoute,
  dumpRoute,
]);

// What it returns is only known to inference: the tree of routes with their parameters.
// oxlint-disable-next-line typescript/explicit-function-return-type
export function createAppRouter() {
  return createRouter({
    routeTree,
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
