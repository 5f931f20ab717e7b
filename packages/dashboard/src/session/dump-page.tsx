import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { ArrowLeftRight, FileUp, LockKeyhole, X } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import { handOver } from "../compare/compared-side.ts";
import { DropHint } from "../files/drop-hint.tsx";
import { FileButton } from "../files/file-button.tsx";
import { ProgressBar } from "../files/progress-bar.tsx";
import { useFileDrop } from "../files/use-file-drop.ts";
import type { SessionSearch } from "../url/search.ts";
import { formatWords } from "../words/formats.ts";
import { byteSize, plural } from "../words/numbers.ts";
import type { FileFacts } from "../worker/messages.ts";
import { useSnapshot } from "./context.tsx";
import { FileCallView } from "./file-call.tsx";
import { FileNotes } from "./file-notes.tsx";
import type { SessionStore } from "./session-store.ts";
import { SessionView } from "./session-view.tsx";
import { useSessionStore } from "./use-session-store.ts";
import { VerdictSkeleton } from "./verdict-card.tsx";

interface Opened {
  readonly file: File;
  /** Place of the session in the file; null takes the longest. */
  readonly choice: number | null;
  readonly round: number;
}

/** The session page for a file on this machine. Nothing is uploaded. */
export function DumpPage(): React.ReactNode {
  const [opened, setOpened] = useState<Opened | null>(null);
  const isEmpty = opened === null;
  useEffect(() => {
    if (isEmpty) document.title = "Open a dump – Peerscope";
  }, [isEmpty]);
  const open = ([file]: readonly File[]): void => {
    if (file !== undefined) setOpened((before) => ({ file, choice: null, round: (before?.round ?? 0) + 1 }));
  };
  const { over, handlers } = useFileDrop(open);
  return (
    <div className="relative min-h-[70dvh] px-4 py-4 md:px-6" {...handlers}>
      {opened === null ? (
        <DropArea over={over} onFiles={open} />
      ) : (
        <OpenFile
          key={`${opened.round} ${opened.choice}`}
          opened={opened}
          onFiles={open}
          onChoose={(choice) => setOpened({ ...opened, choice })}
          onClose={() => setOpened(null)}
        />
      )}
      {over && opened !== null && <DropHint>Drop to open</DropHint>}
    </div>
  );
}

function DropArea({
  over,
  onFiles,
}: {
  readonly over: boolean;
  readonly onFiles: (files: readonly File[]) => void;
}): React.ReactNode {
  return (
    <div className="mx-auto mt-6 max-w-3xl">
      <h1 className="text-lg font-semibold tracking-tight">Open a dump</h1>
      <p className="mt-1 text-ink-soft">
        The same page as for a recorded session: verdict, score, charts, events, every value.
      </p>
      <div
        className={`mt-4 flex flex-col items-center gap-4 rounded-xl border-2 border-dashed p-12 text-center ${over ? "border-accent bg-accent-soft" : "border-line-strong/60 bg-surface"}`}
      >
        <FileUp className="size-8 text-accent" aria-hidden />
        <div>
          <p className="text-base font-medium">Drop a file here</p>
          <p className="mt-1 text-table text-ink-soft">
            A chrome://webrtc-internals dump, an rtcstats recording, ObserveRTC samples, raw getStats lines
            (.jsonl), or a Peerscope session log. Packed with gzip or not; its name does not matter.
          </p>
        </div>
        <FileButton onFiles={onFiles}>Choose a file</FileButton>
      </div>
      <p className="mt-4 flex items-center gap-2 text-table text-ink-soft">
        <LockKeyhole className="size-4 shrink-0 text-accent" aria-hidden />
        Read and analysed in this browser. Nothing is uploaded.
      </p>
    </div>
  );
}

interface OpenFileProps {
  readonly opened: Opened;
  readonly onFiles: (files: readonly File[]) => void;
  readonly onChoose: (index: number) => void;
  readonly onClose: () => void;
}

function OpenFile(props: OpenFileProps): React.ReactNode {
  const { file, choice, round } = props.opened;
  const store = useSessionStore({ from: "file", file, choice }, `${round} ${choice}`);
  if (store === null) return <VerdictSkeleton share={null} />;
  return <FileSession {...props} store={store} />;
}

function FileSession({
  store,
  opened,
  onFiles,
  onChoose,
  onClose,
}: OpenFileProps & { readonly store: SessionStore }): React.ReactNode {
  const search = useSearch({ from: "/dump" });
  const navigate = useNavigate();
  const { phase, analysis, bytes, totalBytes, file: facts, together } = useSnapshot(store);
  const [wholeCall, setWholeCall] = useState(false);
  const onSearch = useCallback(
    (update: (before: SessionSearch) => SessionSearch) =>
      void navigate({
        to: "/dump",
        search: (before) => update(before as SessionSearch),
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  const isReading = phase === "loading";
  const choose = (index: number): void => {
    setWholeCall(false);
    if (index !== facts?.chosen) onChoose(index);
  };
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center gap-2 text-table">
        <LockKeyhole className="size-4 text-accent" aria-hidden />
        <span className="text-ink-soft">Local file</span>
        <span className="truncate font-medium">{opened.file.name}</span>
        <span className="text-ink-soft">
          {facts === null ? "" : `${formatWords[facts.format]}, `}
          {byteSize(opened.file.size)}
        </span>
        <span className="ml-auto" />
        {!isReading && facts !== null && (
          <Link
            to="/compare"
            className="btn"
            title="Put a session or another file beside this one"
            onClick={() => handOver(opened.file, facts.chosen)}
          >
            <ArrowLeftRight className="size-3.5" aria-hidden />
            Compare
          </Link>
        )}
        {!isReading && <FileButton onFiles={onFiles}>Open another</FileButton>}
      </div>
      {isReading && (
        <div className="mb-3 flex items-center gap-3">
          <ProgressBar
            share={totalBytes === null || totalBytes === 0 ? 0 : bytes / totalBytes}
            label={facts === null ? "Reading the file" : "Analysing the session"}
          />
          <button type="button" className="btn" onClick={onClose}>
            <X className="size-3.5" aria-hidden />
            Cancel
          </button>
        </div>
      )}
      {facts !== null && facts.sessions.length > 1 && (
        <Chooser
          facts={facts}
          wholeCall={wholeCall && together !== null}
          onChoose={choose}
          onCall={together === null ? null : () => setWholeCall(true)}
        />
      )}
      {facts !== null && <FileNotes facts={facts} />}
      {wholeCall && facts !== null && together !== null ? (
        <FileCallView facts={facts} together={together} onChoose={choose} />
      ) : isReading && analysis === null ? (
        <VerdictSkeleton share={null} />
      ) : (
        <SessionView
          store={store}
          search={search}
          onSearch={onSearch}
          provisional={null}
          logUrl={null}
          sample={false}
        />
      )}
    </>
  );
}

/** As many sessions are buttons side by side; more are a list. */
const mostButtons = 8;

interface ChooserProps {
  readonly facts: FileFacts;
  readonly wholeCall: boolean;
  readonly onChoose: (index: number) => void;
  /** Null while it is not known whether the sessions are one call, and when they are not. */
  readonly onCall: (() => void) | null;
}

/** Which of the sessions of the file is shown, or all of them as a call. */
function Chooser({ facts, wholeCall, onChoose, onCall }: ChooserProps): React.ReactNode {
  const { sessions, chosen } = facts;
  return (
    <div
      className="mb-3 flex flex-wrap items-center gap-1.5 text-table"
      role="group"
      aria-label="Sessions of the file"
    >
      <span className="text-ink-soft">{plural(sessions.length, "session")} in this file</span>
      {onCall !== null && (
        <button type="button" className="btn" aria-pressed={wholeCall} onClick={onCall}>
          The call
        </button>
      )}
      {sessions.length <= mostButtons ? (
        sessions.map(({ name, records }, index) => (
          <button
            // Names need not differ, and the list never changes.
            // oxlint-disable-next-line react/no-array-index-key
            key={index}
            type="button"
            className="btn max-w-60"
            aria-pressed={!wholeCall && index === chosen}
            title={plural(records, "record")}
            onClick={() => onChoose(index)}
          >
            <span className="truncate">{name}</span>
          </button>
        ))
      ) : (
        <select
          className="btn max-w-80"
          aria-label="Session"
          value={chosen}
          onChange={(event) => onChoose(Number(event.target.value))}
        >
          {sessions.map(({ name, records }, index) => (
            // oxlint-disable-next-line react/no-array-index-key
            <option key={index} value={index}>
              {name} ({plural(records, "record")})
            </option>
          ))}
        </select>
      )}
    </div>
  );
}
