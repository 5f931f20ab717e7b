import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Check, TriangleAlert, Upload, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { FileButton } from "../files/file-button.tsx";
import { ProgressBar } from "../files/progress-bar.tsx";
import { useProject } from "../frame/project.ts";
import { RequestError } from "../queries/fetch-json.ts";
import { projectQuery } from "../queries/sessions.ts";
import { plural } from "../words/numbers.ts";
import { importFiles, type FileImport, type FileImports } from "./import-files.ts";

/** By then the server has analysed a session of usual length, in milliseconds. Ours. */
const analysedAfterMs = 2_000;

/** What the page of sessions needs to import files. */
export interface Importing {
  readonly imports: readonly FileImport[];
  readonly start: (files: readonly File[]) => void;
  /** Stops what is under way, and puts the list away. */
  readonly close: () => void;
}

export function useImporting(): Importing {
  const client = useQueryClient();
  const project = useProject();
  const [imports, setImports] = useState<readonly FileImport[]>([]);
  const running = useRef<FileImports | null>(null);
  useEffect(() => () => running.current?.cancel(), []);
  const changed = (now: readonly FileImport[]): void => {
    setImports(now);
    if (now.every(({ result }) => result === null)) return;
    const refresh = (): void => void client.invalidateQueries({ queryKey: ["sessions"] });
    refresh();
    // Scores are there once the server has analysed what it got.
    setTimeout(refresh, analysedAfterMs);
  };
  /** The one that is under way: files that come meanwhile wait behind its own. */
  const queue = (): FileImports => {
    if (running.current === null || running.current.isOver()) running.current = importFiles(changed);
    return running.current;
  };
  const begin = async (files: readonly File[]): Promise<void> => {
    try {
      const { ingestKey } = await client.fetchQuery(projectQuery(project));
      queue().add(files, ingestKey);
    } catch (error) {
      queue().refuse(files, error instanceof RequestError ? error.message : "The server did not answer");
    }
  };
  return {
    imports,
    start(files) {
      if (files.length > 0) void begin(files);
    },
    close() {
      running.current?.cancel();
      running.current = null;
      setImports([]);
    },
  };
}

/** Chooses files to import. Their content goes to the server, unlike that of a file that is only opened. */
export function ImportButton({ importing }: { readonly importing: Importing }): React.ReactNode {
  return (
    <FileButton multiple onFiles={importing.start}>
      <Upload className="size-3.5" aria-hidden />
      Import recordings
    </FileButton>
  );
}

/** What is being imported, and what became of it. */
export function ImportPanel({ importing }: { readonly importing: Importing }): React.ReactNode {
  const { imports, close } = importing;
  if (imports.length === 0) return null;
  const isOver = imports.every(({ result }) => result !== null);
  return (
    <section className="card mb-3 p-4 text-table" aria-labelledby="import-title">
      <div className="flex items-center gap-2">
        <h2 id="import-title" className="font-semibold" aria-live="polite">
          {isOver ? "Import finished" : `Importing ${plural(imports.length, "file")}`}
        </h2>
        <button type="button" className="btn ml-auto" onClick={close}>
          <X className="size-3.5" aria-hidden />
          {isOver ? "Close" : "Cancel"}
        </button>
      </div>
      <ul className="mt-2 grid max-h-64 gap-2 overflow-y-auto">
        {imports.map((one, index) => (
          // Two files can have the same name, and the order never changes.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={index} className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span className="max-w-80 truncate font-medium">{one.name}</span>
            {one.result === null ? (
              <span className="min-w-40 flex-1">
                <ProgressBar share={one.share} label={`Importing ${one.name}`} />
              </span>
            ) : (
              <Outcome result={one.result} />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Outcome({ result }: { readonly result: NonNullable<FileImport["result"]> }): React.ReactNode {
  const { sessionIds, added, notes, failure } = result;
  if (failure !== null) {
    return (
      <span className="inline-flex items-center gap-1.5 text-poor">
        <TriangleAlert className="size-3.5 shrink-0" aria-hidden />
        {failure}
      </span>
    );
  }
  const [first] = sessionIds;
  return (
    <>
      <span className="inline-flex items-center gap-1.5">
        <Check className="size-3.5 shrink-0 text-good-mark" aria-hidden />
        {added === 0 ? "Was there already" : plural(added, "session")}
      </span>
      {first !== undefined && sessionIds.length === 1 && (
        <Link to="/sessions/$id" params={{ id: first }} className="link inline-flex min-h-6 items-center">
          Open
        </Link>
      )}
      {notes.length > 0 && <span className="basis-full text-xs text-ink-soft">{notes.join("; ")}</span>}
    </>
  );
}
