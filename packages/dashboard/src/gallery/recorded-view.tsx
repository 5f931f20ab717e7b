import { useCallback, useState } from "react";
import type { SessionSnapshot, SessionStore } from "../session/session-store.ts";
import { SessionView } from "../session/session-view.tsx";
import { useSessionStore } from "../session/use-session-store.ts";
import { VerdictSkeleton } from "../session/verdict-card.tsx";
import { omit, type SessionSearch } from "../url/search.ts";
import { recording, type RecordingName } from "./data/recordings.ts";

interface Props {
  readonly of: RecordingName;
  readonly search?: SessionSearch;
  /** What is not as in the recording: a lost line, a failure. */
  readonly changed?: Partial<SessionSnapshot>;
  /** Only the part below the verdict and the facts; those are panels of their own. */
  readonly partOnly?: boolean;
}

const noSearch: SessionSearch = {};
const nothing: Partial<SessionSnapshot> = {};

/** A made-up recording, read by the real worker and shown as a session of the server. */
export function RecordedView({
  of,
  changed = nothing,
  search = noSearch,
  partOnly = false,
}: Props): React.ReactNode {
  const [file] = useState(() => recording(of));
  const store = useSessionStore({ from: "file", file, choice: null }, of);
  if (store === null) return <VerdictSkeleton share={null} />;
  return (
    <div
      className={`p-4 ${partOnly ? "[&_[data-testid=verdict]]:hidden [&_[data-testid=verdict]~header]:hidden" : ""}`}
    >
      <Served store={store} changed={changed} search={search} />
    </div>
  );
}

interface ServedProps {
  readonly store: SessionStore;
  readonly changed: Partial<SessionSnapshot>;
  readonly search: SessionSearch;
}

function Served({ store, changed, search: first }: ServedProps): React.ReactNode {
  const [served] = useState(() => asServed(store, changed));
  const [search, setSearch] = useState(first);
  const onSearch = useCallback(
    (update: (before: SessionSearch) => SessionSearch) => setSearch((before) => update(before)),
    [],
  );
  return (
    <SessionView
      store={served}
      search={omit(search, "tz")}
      onSearch={onSearch}
      provisional={null}
      logUrl="#"
      sample={false}
    />
  );
}

/** The store of a file as one of the server, with some members of what is known replaced. */
function asServed(store: SessionStore, changed: Partial<SessionSnapshot>): SessionStore {
  let [seen, shown] = [store.snapshot(), { ...store.snapshot(), file: null, ...changed }];
  return {
    ...store,
    from: "server",
    snapshot() {
      const now = store.snapshot();
      if (now !== seen) [seen, shown] = [now, { ...now, file: null, ...changed }];
      return shown;
    },
  };
}
