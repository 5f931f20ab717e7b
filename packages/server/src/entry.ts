/**
 * Where the server's other entry files and folders are: beside the sources while they run from TypeScript (tests,
 * development), beside the bundle in dist.
 */
const here = import.meta.url;
const fromSource = here.endsWith(".ts");

/** Address of the file that a worker thread or child process starts with. `folder` is its place below src. */
export function entryUrl(name: string, folder: string): URL {
  return fromSource ? new URL(`${folder}${name}.ts`, here) : new URL(`./${name}.js`, here);
}

/** Arguments for Node that make TypeScript entry files run. */
export function sourceExecArgv(): string[] {
  return fromSource ? ["--import", "tsx", "--conditions=@peerscope/source"] : [];
}

/** A folder of the package that is not code: `static`, `sdk`. */
export function packageFolder(name: string): URL {
  return new URL(`../${name}/`, here);
}

/** Folder of the SQL migrations; the build copies it beside the bundle. */
export function migrationsFolder(): URL {
  return new URL(fromSource ? "./store/migrations/" : "./migrations/", here);
}
