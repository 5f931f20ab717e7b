import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLocation, useRouter } from "@tanstack/react-router";
import type { SavedView, SavedViewCreation } from "@peerscope/schema/api";
import { Bookmark, Trash2 } from "lucide-react";
import { useState } from "react";
import { useCurrentProject } from "../access/me.ts";
import { announce } from "../frame/announce.tsx";
import { viewsPath, viewsQuery } from "../queries/explorer.ts";
import { sendJson } from "../queries/fetch-json.ts";
import { DropDown } from "./drop-down.tsx";
import { withProject } from "./view-address.ts";

/** Views of the list that somebody gave a name. A view is nothing but its address. */
export function SavedViews(): React.ReactNode {
  return (
    <DropDown label="Saved views" icon={<Bookmark className="size-3.5" aria-hidden />}>
      {(close) => <Views close={close} />}
    </DropDown>
  );
}

function Views({ close }: { readonly close: () => void }): React.ReactNode {
  const router = useRouter();
  const client = useQueryClient();
  const href = useLocation({ select: (location) => location.href });
  const projectId = useCurrentProject()?.projectId ?? null;
  const addressOf = (url: string): string => (projectId === null ? url : withProject(url, projectId));
  const views = useQuery(viewsQuery(projectId));
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: ["views"] });
  const save = useMutation({
    mutationFn: (view: SavedViewCreation) => sendJson<SavedView>("POST", viewsPath(projectId ?? ""), view),
    async onSuccess() {
      announce("View saved");
      setName("");
      await refresh();
    },
  });
  const remove = useMutation({
    mutationFn: (viewId: string) =>
      sendJson<null>("DELETE", `${viewsPath(projectId ?? "")}/${encodeURIComponent(viewId)}`),
    async onSuccess() {
      announce("View removed");
      await refresh();
    },
  });
  const problem = save.error ?? remove.error;
  return (
    <>
      {views.isPending && <div role="progressbar" className="skeleton h-8" aria-label="Loading views" />}
      {views.isError && <p className="px-1 text-ink-soft">The views could not be loaded.</p>}
      {views.data?.views.length === 0 && (
        <p className="px-1 pb-1 text-ink-soft">
          No view is saved. Filter the list, then give it a name here.
        </p>
      )}
      <ul>
        {views.data?.views.map((view) => (
          <li key={view.viewId} className="flex items-center gap-1">
            <a
              href={addressOf(view.url)}
              className="flex min-h-8 min-w-0 flex-1 items-center rounded px-2 hover:bg-sunken"
              aria-current={addressOf(view.url) === addressOf(href) ? "true" : undefined}
              onClick={(event) => {
                if (event.metaKey || event.ctrlKey || event.shiftKey) return;
                event.preventDefault();
                close();
                router.history.push(addressOf(view.url));
              }}
            >
              <span className="truncate">{view.name}</span>
              {view.shared && <span className="ml-auto pl-2 text-xs text-ink-soft">shared</span>}
            </a>
            {view.own && (
              <button
                type="button"
                className="btn-quiet"
                aria-label={`Remove the view ${view.name}`}
                disabled={remove.isPending}
                onClick={() => remove.mutate(view.viewId)}
              >
                <Trash2 className="size-3.5" aria-hidden />
              </button>
            )}
          </li>
        ))}
      </ul>
      <form
        className="mt-1 grid gap-2 border-t border-line px-1 pt-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== "" && projectId !== null)
            save.mutate({ name: name.trim(), url: withProject(href, projectId), shared });
        }}
      >
        <label className="grid gap-1">
          <span className="eyebrow">Save what is shown now as</span>
          <input
            type="text"
            className="h-8 rounded border border-line bg-page px-2"
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        <label className="flex min-h-6 items-center gap-2">
          <input
            type="checkbox"
            className="size-3.5 accent-accent"
            checked={shared}
            onChange={(event) => setShared(event.target.checked)}
          />
          Everybody in the project sees it
        </label>
        <button
          type="submit"
          className="btn justify-self-start"
          disabled={name.trim() === "" || save.isPending}
        >
          Save
        </button>
        {problem !== null && (
          <p role="alert" className="text-poor">
            {problem.message}
          </p>
        )}
      </form>
    </>
  );
}
