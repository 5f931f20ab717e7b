/** What the page asks of the import worker: one file after the other. */
export interface ToImportWorker {
  readonly file: File;
  readonly origin: string;
  /** Ingest key of the project. */
  readonly token: string;
}

/** What became of one file. */
export interface ImportedFile {
  /** Session ids that are on the server now, those that were there before included. */
  readonly sessionIds: readonly string[];
  /** How many of them were new. */
  readonly added: number;
  /** What could not be read or sent, in sentences. */
  readonly notes: readonly string[];
  /** Why nothing of it is there; null when something is. */
  readonly failure: string | null;
}

/** What the worker tells the page. `share` is of the file, 0 to 1: reading first, then sending. */
export type FromImportWorker =
  | { readonly type: "progress"; readonly share: number }
  | { readonly type: "done"; readonly result: ImportedFile };
