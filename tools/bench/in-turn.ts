import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { CandidateModule } from "./candidate-process.ts";

const child = fileURLToPath(new URL("candidate-process.ts", import.meta.url));

/**
 * CPU seconds of the passes of each candidate after those that warm up. They take turns, so that what else happens on the machine falls
 * on all of them; each has a process of its own, so that the garbage of one and what the compiler learned from it is not paid by the next.
 */
export async function cpuSecondsInTurn(
  module: CandidateModule,
  candidates: readonly string[],
  { warmUpPasses, passes }: { readonly warmUpPasses: number; readonly passes: number },
): Promise<readonly (readonly number[])[]> {
  const processes = candidates.map((name) => fork(child, [module, name]));
  try {
    // Each says that it has prepared itself.
    await Promise.all(processes.map(answerOf));
    const seconds = candidates.map((): number[] => []);
    for (let pass = 0; pass < warmUpPasses + passes; pass += 1) {
      for (const [index, one] of processes.entries()) {
        const answer = answerOf(one);
        one.send("pass");
        const taken = await answer;
        if (pass >= warmUpPasses) seconds[index]?.push(taken);
      }
    }
    return seconds;
  } finally {
    for (const one of processes) one.kill();
  }
}

function answerOf(one: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void =>
      reject(new Error(`a candidate ended with code ${String(code)}`));
    one.once("exit", ended);
    one.once("message", (seconds: number) => {
      one.off("exit", ended);
      resolve(seconds);
    });
  });
}
