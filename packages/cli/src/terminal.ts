/** What a command may touch of the process around it. */
export interface Terminal {
  /** Writes one line to stdout: the result. */
  readonly out: (line: string) => void;
  /** Writes one line to stderr: warnings, errors and progress. */
  readonly err: (line: string) => void;
  /** Asks for a new secret without showing it. */
  readonly newSecret: (what: string) => Promise<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** 0 done; 1 a problem was found or the command failed; 2 the command line was wrong. */
export type ExitCode = 0 | 1 | 2;
