import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Copy, FolderOpen, Video } from "lucide-react";
import { copyText } from "../frame/announce.tsx";
import { projectQuery } from "../queries/sessions.ts";
import type { SessionsSearch } from "../url/search.ts";
import { filterNames, filterWords, withoutFilter } from "./filter-bar.tsx";

/** Nothing recorded yet: the three lines that change that, and two ways to look around before. */
export function EmptyProject(): React.ReactNode {
  const project = useQuery(projectQuery());
  const snippet = [
    `<script src="${location.origin}/sdk/peerscope.iife.js"></script>`,
    "<script>",
    `  Peerscope.start({ url: "${location.origin}", token: "${project.data?.ingestKey ?? "…"}", user: "kim", call: "stand-up" });`,
    "</script>",
  ];
  return (
    <section className="card mx-auto mt-8 max-w-3xl p-8">
      <h2 className="text-lg font-semibold">Nothing recorded yet</h2>
      <p className="mt-1 text-ink-soft">
        Put these lines into the head of the page that makes the calls, before anything creates a peer
        connection. The first sample appears here within seconds.
      </p>
      <div className="relative mt-4">
        <pre
          tabIndex={0}
          role="region"
          aria-label="Code of the SDK"
          className="overflow-x-auto rounded-md border border-line bg-sunken p-4 pr-12 font-mono text-xs leading-relaxed"
        >
          {snippet.join("\n")}
        </pre>
        <button
          type="button"
          className="btn absolute top-2 right-2"
          onClick={() => void copyText(snippet.join("\n"), "Snippet")}
        >
          <Copy className="size-3.5" aria-hidden />
          Copy
        </button>
      </div>
      <div className="mt-6 grid gap-3 sm:grid-cols-2">
        <a href="/demo" className="card flex items-start gap-3 p-4 hover:border-accent">
          <Video className="mt-0.5 size-5 text-accent" aria-hidden />
          <span>
            <span className="block font-medium">Open the demo call</span>
            <span className="text-table text-ink-soft">
              A real call in this browser, with problems at the push of a button.
            </span>
          </span>
        </a>
        <Link to="/dump" className="card flex items-start gap-3 p-4 hover:border-accent">
          <FolderOpen className="mt-0.5 size-5 text-accent" aria-hidden />
          <span>
            <span className="block font-medium">Open a dump</span>
            <span className="text-table text-ink-soft">
              Look at a recording from a file. It never leaves this browser.
            </span>
          </span>
        </Link>
      </div>
    </section>
  );
}

/** Something is recorded, but the filters hide it: name them, and offer to drop each. */
export function FilteredAway({ search }: { readonly search: SessionsSearch }): React.ReactNode {
  const set = filterNames.filter((name) => search[name] !== undefined);
  return (
    <section className="card mx-auto mt-8 max-w-2xl p-8">
      <h2 className="text-lg font-semibold">No session matches</h2>
      <p className="mt-1 text-ink-soft">
        There are recorded sessions, but none with{" "}
        {set.map((name) => filterWords(search, name)).join(" and ")}. The commonest reason is a day boundary
        in another time zone, or an id that was cut off.
      </p>
      <div className="mt-4 flex flex-wrap gap-2">
        {set.length > 1 &&
          set.map((name) => (
            <Link key={name} to="/sessions" search={withoutFilter(search, name)} className="btn max-w-80">
              <span className="truncate">Clear {filterWords(search, name)}</span>
            </Link>
          ))}
        <Link to="/sessions" search={withoutFilter(search, "all")} className="btn">
          {set.length > 1 ? "Clear all filters" : "Clear the filter"}
        </Link>
      </div>
    </section>
  );
}
