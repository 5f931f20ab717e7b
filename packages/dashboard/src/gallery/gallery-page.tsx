import { Link, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import { ThemeSwitch } from "../frame/top-bar.tsx";
import { PanelBoundary } from "../frame/panel-boundary.tsx";
import { galleryGroups, type GalleryGroup } from "./gallery-search.ts";
import { ChosenPanel } from "./panel.tsx";

const groups: Readonly<
  Record<GalleryGroup, { readonly title: string; readonly Panels: React.ComponentType }>
> = {
  sessions: {
    title: "Sessions and calls",
    Panels: lazy(async () => ({ default: (await import("./sessions-panels.tsx")).SessionsPanels })),
  },
  session: {
    title: "Session",
    Panels: lazy(async () => ({ default: (await import("./session-panels.tsx")).SessionPanels })),
  },
  tabs: {
    title: "Parts of a session",
    Panels: lazy(async () => ({ default: (await import("./tab-panels.tsx")).TabPanels })),
  },
  call: {
    title: "Call",
    Panels: lazy(async () => ({ default: (await import("./call-panels.tsx")).CallPanels })),
  },
  live: {
    title: "Live",
    Panels: lazy(async () => ({ default: (await import("./live-panels.tsx")).LivePanels })),
  },
  settings: {
    title: "Settings",
    Panels: lazy(async () => ({ default: (await import("./settings-panels.tsx")).SettingsPanels })),
  },
  start: {
    title: "Start, login, frame",
    Panels: lazy(async () => ({ default: (await import("./start-panels.tsx")).StartPanels })),
  },
};

/** Every panel in every state, on fixed data: to look at, to work on, and for the goldens. */
export function GalleryPage(): React.ReactNode {
  const { group = "sessions", panel } = useSearch({ from: "/gallery" });
  const { title, Panels } = groups[group];
  useEffect(() => {
    document.title = `${title} – Gallery – Peerscope`;
  });
  return (
    <div className="px-4 py-4 md:px-6">
      <div className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-2">
        <h1 className="text-lg font-semibold tracking-tight">Gallery</h1>
        <nav aria-label="Gallery" className="flex flex-wrap gap-1">
          {galleryGroups.map((name) => (
            <Link
              key={name}
              to="/gallery"
              search={{ group: name }}
              className="btn"
              activeProps={{ className: "!border-accent !bg-accent-soft !text-accent" }}
              aria-current={name === group ? "page" : undefined}
              activeOptions={{ explicitUndefined: true }}
            >
              {groups[name].title}
            </Link>
          ))}
        </nav>
        <p className="text-table text-ink-soft">
          Fixed data: only the import of a file would reach the server.
        </p>
        <span className="ml-auto" />
        <ThemeSwitch />
      </div>
      <ChosenPanel value={panel ?? null}>
        <PanelBoundary key={group} what={title}>
          <Suspense fallback={<div className="skeleton h-40" aria-busy="true" />}>
            <div data-gallery={group} className="grid grid-cols-[minmax(0,1fr)] gap-8">
              <Panels />
            </div>
          </Suspense>
        </PanelBoundary>
      </ChosenPanel>
    </div>
  );
}
