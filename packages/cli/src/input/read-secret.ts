import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { CliError } from "../errors.ts";

/**
 * Reads a new secret: at a terminal by asking twice without showing it, else the first line of standard input. Never from
 * the command line, where other users of the machine could see it.
 * @throws CliError `secrets-differ`
 */
export async function readNewSecret(what: string): Promise<string> {
  if (!process.stdin.isTTY) return readLine(null);
  const first = await readLine(`New ${what}: `);
  if ((await readLine(`The same again: `)) !== first) throw new CliError("secrets-differ", what);
  return first;
}

function readLine(prompt: string | null): Promise<string> {
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silence, terminal: prompt !== null });
  if (prompt !== null) process.stderr.write(prompt);
  return new Promise((resolve) => {
    let line = "";
    lines.once("line", (text) => {
      line = text;
      lines.close();
    });
    lines.once("SIGINT", () => process.exit(130));
    lines.once("close", () => {
      if (prompt !== null) process.stderr.write("\n");
      resolve(line);
    });
  });
}
