import type { FromImportWorker, ImportedFile, ToImportWorker } from "../worker/import-messages.ts";

/** One file on its way into the server, or there. */
export interface FileImport {
  readonly name: string;
  /** 0 to 1. */
  readonly share: number;
  /** Null while it is under way or waits. */
  readonly result: ImportedFile | null;
}

/** Files that are imported one after the other. */
export interface FileImports {
  /** Imports these after those that wait already; `token` is the ingest key of their project. */
  readonly add: (files: readonly File[], token: string) => void;
  /** Shows files that cannot be imported, and why. */
  readonly refuse: (files: readonly File[], failure: string) => void;
  /** Nothing is under way, and nothing waits. */
  readonly isOver: () => boolean;
  /** Ends what is under way. What the server has stays there. */
  readonly cancel: () => void;
}

/** Imports files in a worker; `onChange` gets a new list after every change. */
export function importFiles(onChange: (imports: readonly FileImport[]) => void): FileImports {
  let worker: Worker | null = null;
  let imports: readonly FileImport[] = [];
  /** Messages for the files that wait, each with its place in the list. The first one is under way. */
  const waiting: { readonly place: number; readonly message: ToImportWorker }[] = [];

  const change = (patch: Partial<FileImport>): void => {
    const [current] = waiting;
    if (current === undefined) return;
    imports = imports.map((one, place) => (place === current.place ? { ...one, ...patch } : one));
    onChange(imports);
  };
  const settle = (result: ImportedFile): void => {
    change({ share: 1, result });
    waiting.shift();
    next();
  };
  const start = (): Worker => {
    const started = new Worker(new URL("../worker/import-worker.ts", import.meta.url), { type: "module" });
    started.addEventListener("message", ({ data }: MessageEvent<FromImportWorker>) => {
      if (data.type === "progress") change({ share: data.share });
      else settle(data.result);
    });
    started.addEventListener("error", () => settle(failed("The file could not be read")));
    return started;
  };
  const next = (): void => {
    const [current] = waiting;
    if (current === undefined) {
      worker?.terminate();
      worker = null;
      return;
    }
    worker ??= start();
    worker.postMessage(current.message);
  };
  return {
    add(files, token) {
      const isIdle = waiting.length === 0;
      for (const [index, file] of files.entries())
        waiting.push({
          place: imports.length + index,
          message: { file, origin: location.origin, token },
        });
      imports = [...imports, ...files.map(({ name }) => ({ name, share: 0, result: null }))];
      onChange(imports);
      if (isIdle) next();
    },
    refuse(files, failure) {
      imports = [...imports, ...files.map(({ name }) => ({ name, share: 1, result: failed(failure) }))];
      onChange(imports);
    },
    isOver: () => waiting.length === 0,
    cancel() {
      worker?.terminate();
      worker = null;
      waiting.length = 0;
    },
  };
}

function failed(failure: string): ImportedFile {
  return { sessionIds: [], added: 0, notes: [], failure };
}
