import { QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
  useLocation,
  useRouter,
  type AnyRouter,
} from "@tanstack/react-router";
import { createContext, useContext, useState } from "react";
import { readLoginSearch } from "../access/login-search.ts";
import { PanelBoundary } from "../frame/panel-boundary.tsx";
import { readSettingsSearch } from "../settings/settings-search.ts";
import {
  parseSearch,
  readCompareSearch,
  readFrameSearch,
  readSessionSearch,
  readSessionsSearch,
  stringifySearch,
  type RawSearch,
} from "../url/search.ts";
import { createFixedQueries, pending, type FixedAnswer, type FixedAnswers } from "./fixed-queries.ts";

/** Pages that a panel may believe to be on, with what their query means. */
const pages = {
  "/": readFrameSearch,
  "/login": readLoginSearch,
  "/sessions": readSessionsSearch,
  "/sessions/$id": readSessionSearch,
  "/calls/$id": readFrameSearch,
  "/live": readFrameSearch,
  "/compare": readCompareSearch,
  "/dump": readSessionSearch,
  "/settings/$section": readSettingsSearch,
} as const satisfies Readonly<Record<string, (raw: RawSearch) => object>>;
type PagePath = keyof typeof pages;

/** The panel to show alone; null shows all of the group. */
export const ChosenPanel: React.Context<string | null> = createContext<string | null>(null);
const Content = createContext<React.ReactNode>(null);

interface Props {
  /** Names it in links and in the goldens. */
  readonly id: string;
  readonly title: string;
  /** What is special: "empty", "offline". */
  readonly state: string;
  readonly page: PagePath;
  /** Address, when it says more than the page. */
  readonly at?: string;
  readonly answers?: FixedAnswers;
  /** What is answered to everything else (default: never anything). */
  readonly otherwise?: FixedAnswer;
  readonly children: React.ReactNode;
}

/** One panel of the dashboard on fixed data: with an address, a server and a memory of its own, it harms nothing. */
export function Panel(props: Props): React.ReactNode {
  const chosen = useContext(ChosenPanel);
  return chosen === null || chosen === props.id ? <ShownPanel {...props} /> : null;
}

function ShownPanel({ id, title, state, page, at, answers, otherwise, children }: Props): React.ReactNode {
  const [router] = useState(() => createPanelRouter(page, at ?? page));
  const [queries] = useState(() => createFixedQueries(answers ?? {}, otherwise ?? pending));
  return (
    <figure id={id}>
      <figcaption className="mb-1.5 text-table">
        <span className="font-semibold">{title}</span> <span className="text-ink-soft">{state}</span>
      </figcaption>
      <div
        data-panel={id}
        className="@container max-h-[36rem] overflow-y-auto rounded-lg border border-line bg-page"
      >
        <Content value={<PanelBoundary what={title}>{children}</PanelBoundary>}>
          <QueryClientProvider client={queries}>
            <RouterProvider router={router} />
          </QueryClientProvider>
        </Content>
      </div>
    </figure>
  );
}

function createPanelRouter(own: PagePath, at: string): AnyRouter {
  const root = createRootRoute({ validateSearch: readFrameSearch });
  const routeTree = root.addChildren(
    Object.entries(pages).map(([path, validateSearch]) =>
      createRoute({
        getParentRoute: () => root,
        path,
        validateSearch: (raw: RawSearch): object => validateSearch(raw),
        component: path === own ? Own : Elsewhere,
      }),
    ),
  );
  return createRouter({
    routeTree,
    parseSearch: (query) => parseSearch(query),
    stringifySearch,
    history: createMemoryHistory({ initialEntries: [at] }),
    defaultNotFoundComponent: Elsewhere,
  });
}

function Own(): React.ReactNode {
  return useContext(Content);
}

/** Where a link of the panel would lead. */
function Elsewhere(): React.ReactNode {
  const href = useLocation({ select: (location) => location.href });
  const { history } = useRouter();
  return (
    <p className="flex flex-wrap items-center gap-3 p-4 text-table">
      <span>
        Leads to <code className="font-mono wrap-anywhere">{href}</code>
      </span>
      <button type="button" className="btn" onClick={() => history.back()}>
        Back
      </button>
    </p>
  );
}
