import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Worker, type ResourceLimits } from "node:worker_threads";

/**
 * Where the server's other entry files and folders are: beside the sources while they run from TypeScript (tests,
 * development), beside the bundle in dist.
 */
const here = import.meta.url;
const fromSource = here.endsWith(".ts");
const sourceCondition = "--conditions=@peerscope/source";

/** Address of the file that a worker thread or child process starts with. `folder` is its place below src. */
export function entryUrl(name: string, folder: string): URL {
  return fromSource ? new URL(`${folder}${name}.ts`, here) : new URL(`./${name}.js`, here);
}

/** Arguments for a child process that make a TypeScript entry file run. */
export function sourceExecArgv(): string[] {
  return fromSource ? ["--import", tsx("dist/loader.mjs"), sourceCondition] : [];
}

/** Starts a worker thread with an entry file. `workerData`: what it can read of the same name. */
export function startWorkerThread(
  url: URL,
  options: { readonly resourceLimits: ResourceLimits; readonly workerData: unknown },
): Worker {
  if (!fromSource) return new Worker(url, options);
  // tsx given as --import does not reach worker threads (tsx 4.23, Node 20): the thread registers it itself.
  const code =
    `import(${JSON.stringify(tsx("dist/esm/api/index.mjs"))})` +
    `.then(({ register }) => { register(); return import(${JSON.stringify(url.href)}); })`;
  return new Worker(code, { eval: true, execArgv: [sourceCondition], ...options });
}

function tsx(file: string): string {
  return new URL(file, pathToFileURL(createRequire(here).resolve("tsx/package.json"))).href;
}

/** A folder of the package that is not code: `static`, `sdk`. */
export function packageFolder(name: string): URL {
  return new URL(`../${name}/`, here);
}

/** Folder of the SQL migrations; the build copies it beside the bundle. */
export function migrationsFolder(): URL {
  return new URL(fromSource ? "./store/migrations/" : "./migrations/", here);
}
