/** What the worker is to do. */
export interface FuzzJob {
  readonly seed: number;
  /** Mutations of frames. */
  readonly mutations: number;
  /** Unix milliseconds after which it ends. */
  readonly deadline: number;
  /** Where it says what it is about to do: see shared-case.ts. */
  readonly memory: SharedArrayBuffer;
}

/** Something that must not be, with what brings it about. */
export interface FuzzFailure {
  readonly problem: string;
  readonly target: string;
  /** What was read before. */
  readonly context: string;
  /** Number of the mutation, from the seed. */
  readonly mutation: number;
  /** In hexadecimal. */
  readonly bytes: string;
}

export interface FuzzReport {
  /** Mutations of frames so far. */
  readonly done: number;
  readonly end?: {
    readonly outcomes: Readonly<Record<string, number>>;
    readonly slowestMs: number;
    readonly failure?: FuzzFailure;
  };
}
