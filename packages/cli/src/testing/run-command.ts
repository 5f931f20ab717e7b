import { runCommandLine } from "../command-line.ts";

/** What one run of the command wrote, and its exit code. */
export interface CommandRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process with an empty environment. `secret` is what a person would type. */
export async function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  secret = "",
): Promise<CommandRun> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommandLine(args, {
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
    newSecret: async () => secret,
    env,
  });
  return { code, out: out.join("\n"), err: err.join("\n") };
}
