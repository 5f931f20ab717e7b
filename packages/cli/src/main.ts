#!/usr/bin/env node
import { runCommandLine } from "./command-line.ts";
import { readNewSecret } from "./input/read-secret.ts";

// A reader that closes the pipe early (`| head`) is not an error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

process.exitCode = await runCommandLine(process.argv.slice(2), {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  newSecret: readNewSecret,
  env: process.env,
});
