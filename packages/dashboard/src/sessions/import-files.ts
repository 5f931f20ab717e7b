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
  /** Ends what is under way. What the server has stays there. */
  readonly cancel: () => void;
}

/** Imports files in a worker; `onChange` gets a new list after every change. */
export function importFiles(
  files: readonly File[],
  token: string,
  onChange: (imports: readonly FileImport[]) => void,
): FileImports {
  const worker = new Worker(new URL("../worker/import-worker.ts", import.meta.url), { type: "module" });
  let imports: FileImport[] = files.map(({ name }) => ({ name, share: 0, result: null }));
  let current = 0;
  const change = (patch: Partial<FileImport>): void => {
    imports = imports.map((one, index) => (index === current ? { ...one, ...patch } : one));
    onChange(imports);
  };
  const next = (): void => {
    const file = files[current];
    if (file === undefined) {
      worker.terminate();
      return;
    }
    const message: ToImportWorker = { file, origin: location.origin, token };
    worker.postMessage(message);
  };
  const settle = (result: ImportedFile): void => {
    change({ share: 1, result });
    current += 1;
    next();
  };
  worker.addEventListener("message", ({ data }: MessageEvent<FromImportWorker>) => {
    if (data.type === "progress") change({ share: data.share });
    else settle(data.result);
  });
  worker.addEventListener("error", () => {
    settle({ sessionIds: [], added: 0, notes: [], failure: "The file could not be read" });
  });
  onChange(imports);
  next();
  return { cancel: () => worker.terminate() };
}
