import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import { meQuery, useCurrentProject, type CurrentProject } from "../access/me.ts";
import { Failure, NotFound } from "../frame/fallbacks.tsx";
import { PanelBoundary } from "../frame/panel-boundary.tsx";
import { BlockSkeleton } from "./parts.tsx";
import { maySee, sections, type SectionId } from "./sections.ts";

/** What each page of the settings gets. */
export interface SectionProps {
  readonly project: CurrentProject;
}

const pages: Readonly<Record<SectionId, React.ComponentType<SectionProps>>> = {
  keys: lazy(async () => ({ default: (await import("./keys-section.tsx")).KeysSection })),
  thresholds: lazy(async () => ({ default: (await import("./thresholds-section.tsx")).ThresholdsSection })),
  retention: lazy(async () => ({ default: (await import("./retention-section.tsx")).RetentionSection })),
  people: lazy(async () => ({ default: (await import("./people-section.tsx")).PeopleSection })),
  members: lazy(async () => ({ default: (await import("./members-section.tsx")).MembersSection })),
  audit: lazy(async () => ({ default: (await import("./audit-section.tsx")).AuditSection })),
  projects: lazy(async () => ({ default: (await import("./projects-section.tsx")).ProjectsSection })),
  users: lazy(async () => ({ default: (await import("./users-section.tsx")).UsersSection })),
  account: lazy(async () => ({ default: (await import("./account-section.tsx")).AccountSection })),
  health: lazy(async () => ({ default: (await import("./health-section.tsx")).HealthSection })),
};

const groups = ["This project", "This server"] as const;
const nobodys: CurrentProject = { projectId: "", name: "", role: "viewer" };

export function SettingsPage(): React.ReactNode {
  const { section: id } = useParams({ from: "/settings/$section" });
  const me = useQuery(meQuery());
  const project = useCurrentProject();
  const section = sections.find((candidate) => candidate.id === id);
  useEffect(() => {
    document.title = `${section?.title ?? "Settings"} – Settings – Peerscope`;
  }, [section]);

  if (section === undefined) return <NotFound />;
  if (me.isError && me.data === undefined)
    return (
      <Failure
        title="The settings could not be loaded"
        detail={me.error.message}
        onRetry={() => void me.refetch()}
      />
    );
  if (me.data === undefined)
    return (
      <div className="px-4 py-4 md:px-6">
        <BlockSkeleton />
      </div>
    );
  const { data } = me;
  if (data.principal === null)
    return (
      <Failure title="Nobody is logged in" detail="Log in to see the settings.">
        <Link to="/login" search={{ next: `/settings/${section.id}` }} className="btn">
          Log in
        </Link>
      </Failure>
    );
  const Page = pages[section.id];
  return (
    <div className="@container px-4 py-4 md:px-6">
      <div className="grid gap-x-8 gap-y-4 @4xl:grid-cols-[12rem_minmax(0,56rem)]">
        <nav aria-label="Settings" className="@4xl:sticky @4xl:top-16 @4xl:self-start">
          {groups.map((group) => {
            const shown = sections.filter(
              (candidate) => candidate.group === group && maySee(candidate, data, project),
            );
            if (shown.length === 0) return null;
            return (
              <div key={group} className="mb-3">
                <h2 className="eyebrow mb-1 px-2.5">
                  {group === "This project" ? (project?.name ?? group) : group}
                </h2>
                <ul className="flex flex-wrap gap-1 @4xl:block">
                  {shown.map((candidate) => (
                    <li key={candidate.id}>
                      <Link
                        to="/settings/$section"
                        params={{ section: candidate.id }}
                        className="flex min-h-8 items-center rounded-md px-2.5 text-table text-ink-soft hover:bg-sunken hover:text-ink"
                        activeProps={{
                          className: "bg-accent-soft !text-accent font-medium",
                          "aria-current": "page",
                        }}
                        activeOptions={{ includeSearch: false }}
                      >
                        {candidate.title}
                      </Link>
                    </li>
                  ))}
                </ul>
              </div>
            );
          })}
        </nav>
        <div className="min-w-0">
          <h1 className="mb-3 text-lg font-semibold tracking-tight">{section.title}</h1>
          {maySee(section, data, project) ? (
            <PanelBoundary key={`${section.id} ${project?.projectId}`} what={`“${section.title}”`}>
              <Suspense fallback={<BlockSkeleton />}>
                <Page key={project?.projectId} project={project ?? nobodys} />
              </Suspense>
            </PanelBoundary>
          ) : (
            <p className="card p-5 text-table" role="alert">
              {project === null && section.group === "This project"
                ? "There is no such project, or you have no role in it."
                : section.needs === "server-admin"
                  ? "This page is for admins of the server."
                  : "This page is for admins of the project. Ask one of them for the role."}
            </p>
          )}
        </div>
      </div>
    </div>
  );
}
