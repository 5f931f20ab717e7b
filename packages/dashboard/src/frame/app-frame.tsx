import { Outlet, useLocation } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { Announcer } from "./announce.tsx";
import { HealthFooter } from "./health-footer.tsx";
import { useKeys } from "./keys.ts";
import { PanelBoundary } from "./panel-boundary.tsx";
import { Rail } from "./rail.tsx";
import { TopBar } from "./top-bar.tsx";

const HelpDialog = lazy(async () => ({ default: (await import("./help-dialog.tsx")).HelpDialog }));

/** What stands around every page: rail, search, switches, footer. */
export function AppFrame(): React.ReactNode {
  const [helpOpen, setHelpOpen] = useState(false);
  useKeys({ "?": () => setHelpOpen(true) });
  // Who is not logged in yet sees nothing of what is behind; what stands around a gallery would stand in its pictures.
  const isBare = useLocation({ select: ({ pathname }) => pathname === "/login" || pathname === "/gallery" });
  if (isBare)
    return (
      <main className="min-h-dvh bg-page text-ink">
        <Outlet />
        <Announcer />
      </main>
    );
  return (
    <div className="flex min-h-dvh flex-col bg-page text-ink md:grid md:grid-cols-[auto_minmax(0,1fr)] md:grid-rows-[auto_minmax(0,1fr)_auto] print:!block print:min-h-0 print:bg-transparent">
      <a
        href="#page"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded focus:bg-surface focus:px-3 focus:py-2"
      >
        Skip to the page
      </a>
      <Rail />
      <TopBar onHelp={() => setHelpOpen(true)} />
      <main id="page" tabIndex={-1} className="min-w-0 flex-1 outline-none md:col-start-2">
        <PanelBoundary what="This page">
          <Outlet />
        </PanelBoundary>
      </main>
      <HealthFooter />
      {helpOpen && (
        <Suspense>
          <HelpDialog open onOpenChange={setHelpOpen} />
        </Suspense>
      )}
      <Announcer />
    </div>
  );
}
