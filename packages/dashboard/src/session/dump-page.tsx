import { useNavigate, useSearch } from "@tanstack/react-router";
import { FileUp, LockKeyhole } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import type { SessionSearch } from "../url/search.ts";
import { byteSize, plural } from "../words/numbers.ts";
import { useSnapshot } from "./context.tsx";
import type { SessionStore } from "./session-store.ts";
import { SessionView } from "./session-view.tsx";
import { useSessionStore } from "./use-session-store.ts";
import { VerdictSkeleton } from "./verdict-card.tsx";

interface Opened {
  readonly file: File;
  readonly peerIndex: number;
  readonly round: number;
}

/** The session page for a file on this machine. Nothing is uploaded. */
export function DumpPage(): React.ReactNode {
  const [opened, setOpened] = useState<Opened | null>(null);
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  useEffect(() => {
    document.title = "Open a dump – Peerscope";
  }, []);
  const open = (file: File | undefined): void => {
    if (file !== undefined) setOpened((before) => ({ file, peerIndex: 0, round: (before?.round ?? 0) + 1 }));
  };
  return (
    <div
      className="relative min-h-[70dvh] px-4 py-4 md:px-6"
      onDragEnter={(event) => {
        event.preventDefault();
        depth.current += 1;
        setOver(true);
      }}
      onDragLeave={() => {
        depth.current -= 1;
        if (depth.current <= 0) setOver(false);
      }}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        depth.current = 0;
        setOver(false);
        open(event.dataTransfer.files[0]);
      }}
    >
      {opened === null ? (
        <DropArea over={over} onFile={open} />
      ) : (
        <OpenFile
          key={`${opened.round} ${opened.peerIndex}`}
          opened={opened}
          onFile={open}
          onPeer={(peerIndex) => setOpened({ ...opened, peerIndex })}
        />
      )}
      {over && opened !== null && (
        <div className="pointer-events-none absolute inset-2 z-30 grid place-items-center rounded-xl border-2 border-dashed border-accent bg-page/85 text-base font-semibold">
          Drop to open
        </div>
      )}
    </div>
  );
}

function FileButton({
  onFile,
  children,
}: {
  readonly onFile: (file: File | undefined) => void;
  readonly children: React.ReactNode;
}): React.ReactNode {
  return (
    <label className="btn cursor-pointer has-focus-visible:outline-2 has-focus-visible:outline-accent">
      {children}
      <input type="file" className="sr-only" onChange={(event) => onFile(event.target.files?.[0])} />
    </label>
  );
}

function DropArea({
  over,
  onFile,
}: {
  readonly over: boolean;
  readonly onFile: (file: File | undefined) => void;
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
            A Peerscope session log, or raw getStats lines (.jsonl). Packed with gzip or not.
          </p>
        </div>
        <FileButton onFile={onFile}>Choose a file</FileButton>
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
  readonly onFile: (file: File | undefined) => void;
  readonly onPeer: (index: number) => void;
}

function OpenFile({ opened, onFile, onPeer }: OpenFileProps): React.ReactNode {
  const { file, peerIndex, round } = opened;
  const store = useSessionStore({ from: "file", file, peerIndex }, `${round} ${peerIndex}`);
  if (store === null) return <VerdictSkeleton share={null} />;
  return <FileSession store={store} opened={opened} onFile={onFile} onPeer={onPeer} />;
}

function FileSession({
  store,
  opened,
  onFile,
  onPeer,
}: OpenFileProps & { readonly store: SessionStore }): React.ReactNode {
  const search = useSearch({ from: "/dump" });
  const navigate = useNavigate();
  const { peers } = useSnapshot(store);
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
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center gap-2 text-table">
        <LockKeyhole className="size-4 text-accent" aria-hidden />
        <span className="text-ink-soft">Local file</span>
        <span className="truncate font-medium">{opened.file.name}</span>
        <span className="text-ink-soft">{byteSize(opened.file.size)}</span>
        {peers.length > 1 && (
          <div className="flex items-center gap-1" role="group" aria-label="Participant">
            {peers.map((peer, index) => (
              <button
                key={peer.name}
                type="button"
                className="btn"
                aria-pressed={index === opened.peerIndex}
                title={plural(peer.records, "record")}
                onClick={() => onPeer(index)}
              >
                Participant {peer.name}
              </button>
            ))}
          </div>
        )}
        <span className="ml-auto" />
        <FileButton onFile={onFile}>Open another</FileButton>
      </div>
      <SessionView
        store={store}
        search={search}
        onSearch={onSearch}
        provisional={null}
        logUrl={null}
        sample={false}
      />
    </>
  );
}
