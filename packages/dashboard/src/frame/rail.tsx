import { Link } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import { FolderOpen, List, Radio, Settings, Video } from "lucide-react";
import { ProjectChooser } from "../access/project-chooser.tsx";
import { WhoAmI } from "../access/who-am-i.tsx";
import { Logo } from "./logo.tsx";
import { useProject } from "./project.ts";
import { totalQuery } from "../queries/explorer.ts";
import { healthQuery } from "../queries/sessions.ts";

const item =
  "flex min-h-9 items-center gap-2.5 rounded-md px-2.5 text-ink-soft hover:bg-sunken hover:text-ink transition-colors duration-150";
/** Between two counts of the live sessions, in milliseconds. Ours. */
const liveEveryMs = 10_000;
const active = { className: "bg-accent-soft !text-accent font-medium", "aria-current": "page" } as const;

/** Where one can go. Words beside every icon. */
export function Rail(): React.ReactNode {
  const health = useQuery(healthQuery());
  const project = useProject();
  // The server counts those of all projects: only when there are any, those of this one are asked for.
  const isAnyLive = (health.data?.liveSessions ?? 0) > 0;
  const ownLive = useQuery({
    ...totalQuery({ live: "true", project }),
    enabled: isAnyLive,
    refetchInterval: liveEveryMs,
  });
  const live = isAnyLive ? (ownLive.data ?? 0) : 0;
  return (
    <div className="flex items-center gap-3 border-b border-line bg-surface px-3 py-2 md:sticky md:top-0 md:row-span-3 md:h-dvh md:w-48 md:flex-col md:items-stretch md:gap-0 md:border-r md:border-b-0 md:p-3 print:hidden">
      <Link to="/sessions" className="flex items-center gap-2.5 rounded-md px-1 md:h-9">
        <Logo />
        <span className="text-base font-semibold tracking-tight max-sm:sr-only">Peerscope</span>
      </Link>
      <nav
        aria-label="Main"
        className="flex min-w-0 flex-1 gap-1 overflow-x-auto md:mt-5 md:flex-none md:flex-col"
      >
        <Link to="/sessions" className={item} activeProps={active} activeOptions={{ includeSearch: false }}>
          <List className="size-4 shrink-0" aria-hidden />
          <span>Sessions</span>
        </Link>
        <Link to="/live" className={item} activeProps={active} activeOptions={{ includeSearch: false }}>
          <Radio className="size-4 shrink-0" aria-hidden />
          <span>Live</span>
          {live > 0 && (
            <span className="ml-auto rounded-full border border-good-mark px-1.5 text-xs whitespace-nowrap text-good">
              {live} <span className="sr-only">live</span>
            </span>
          )}
        </Link>
        <a href="/demo" className={item}>
          <Video className="size-4 shrink-0" aria-hidden />
          <span className="whitespace-nowrap">Demo call</span>
        </a>
        <Link to="/dump" className={item} activeProps={active} activeOptions={{ includeSearch: false }}>
          <FolderOpen className="size-4 shrink-0" aria-hidden />
          <span className="whitespace-nowrap">Open a dump</span>
        </Link>
        <Link
          to="/settings/$section"
          params={{ section: "keys" }}
          className={item}
          activeProps={active}
          activeOptions={{ includeSearch: false }}
        >
          <Settings className="size-4 shrink-0" aria-hidden />
          <span>Settings</span>
        </Link>
      </nav>
      <div className="mt-auto hidden border-t border-line px-2.5 pt-3 text-xs text-ink-soft md:block">
        <ProjectChooser />
        <WhoAmI />
        {health.data !== undefined && <div className="mt-1">Version {health.data.version}</div>}
      </div>
    </div>
  );
}
