// @ts-check
// Loaded into a server under torture, before anything else (`node --import`). It writes down what a sync has brought to disk, so that
// a power cut can be played afterwards, and ends an analysis thread at SIGUSR2. The server itself knows nothing of it.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { isMainThread } from "node:worker_threads";
import threads from "node:worker_threads";

const record = process.env["TORTURE_SYNCS"];

if (isMainThread && record !== undefined && process.argv[1]?.endsWith("main.js") === true) {
  const descriptor = fs.openSync(record, "a");
  const { fstatSync, readdirSync, readlinkSync, writeSync } = fs;
  /** @param {number} fd */
  const pathOf = (fd) => readlinkSync(`/proc/self/fd/${fd}`);
  /**
   * Behind what was written to a journal it is zeros, so its size says nothing.
   * @type {Map<string, number>}
   */
  const ends = new Map();

  /** What a sync that begins now will have brought to disk. @param {number} fd */
  const begun = (fd) => {
    const path = pathOf(fd);
    const stat = fstatSync(fd);
    return stat.isDirectory()
      ? `names\t${path}\t${readdirSync(path).join("/")}`
      : `size\t${path}\t${path.endsWith(".journal") ? (ends.get(path) ?? 0) : stat.size}`;
  };
  fs.writeSync = /** @type {typeof fs.writeSync} */ (
    (/** @type {number} */ fd, /** @type {[any, any, any, any]} */ ...what) => {
      const written = writeSync(fd, ...what);
      const path = pathOf(fd);
      if (path.endsWith(".journal")) ends.set(path, Number(what[3]) + written);
      return written;
    }
  );
  /** @param {string} line */
  const done = (line) => void writeSync(descriptor, `${line}\n`);

  for (const name of /** @type {const} */ (["fsync", "fdatasync"])) {
    const original = fs[name];
    fs[name] = /** @type {typeof fs.fsync} */ (
      (fd, callback) => {
        const entry = begun(fd);
        original(fd, (error) => {
          if (error === null) done(entry);
          callback(error);
        });
      }
    );
  }
  for (const name of /** @type {const} */ (["fsyncSync", "fdatasyncSync"])) {
    const original = fs[name];
    fs[name] = (fd) => {
      const entry = begun(fd);
      original(fd);
      done(entry);
    };
  }
  const { renameSync } = fs;
  fs.renameSync = (from, to) => {
    renameSync(from, to);
    done(`moved\t${String(from)}\t${String(to)}`);
  };
  const handle = await fs.promises.open(process.execPath);
  const prototype = Object.getPrototypeOf(handle);
  await handle.close();
  for (const name of ["sync", "datasync"]) {
    const original = prototype[name];
    prototype[name] = async function synced() {
      const entry = begun(this.fd);
      await original.call(this);
      done(entry);
    };
  }

  /** @type {Set<threads.Worker>} */
  const workers = new Set();
  threads.Worker = class extends threads.Worker {
    /** @param {ConstructorParameters<typeof threads.Worker>} options */
    constructor(...options) {
      super(...options);
      workers.add(this);
      this.once("exit", () => workers.delete(this));
    }
  };
  process.on("SIGUSR2", () => {
    const running = [...workers];
    void running[Math.floor(Math.random() * running.length)]?.terminate();
  });
  syncBuiltinESMExports();
}
