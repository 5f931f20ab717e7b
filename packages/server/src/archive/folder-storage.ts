import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hasCode } from "../data-folder.ts";
import type { ArchiveStorage, ArchivedObject } from "./archive-storage.ts";

/** Ending of a file that is being written. */
const partEnding = ".part";

/** An archive in a folder, as of a mounted network drive. The folder itself is never made. */
export function createFolderStorage(root: string): ArchiveStorage {
  return {
    async put(name, { path }) {
      // Not mkdir's business: where the drive is not mounted, its folder must not come into being on the local disk.
      await stat(root);
      const target = join(root, name);
      const folder = dirname(target);
      await mkdir(folder, { recursive: true });
      const part = `${target}.${randomBytes(6).toString("hex")}${partEnding}`;
      try {
        await copyFile(path, part);
        await sync(part);
        await rename(part, target);
      } catch (error) {
        await rm(part, { force: true }).catch(() => {});
        throw error;
      }
      await sync(folder);
    },
    async get(name) {
      await stat(root);
      try {
        const handle = await open(join(root, name), "r");
        return createReadStream("", { fd: handle });
      } catch (error) {
        if (hasCode(error, "ENOENT")) return null;
        throw error;
      }
    },
    async remove(name) {
      await stat(root);
      await rm(join(root, name), { force: true });
    },
    async *list(prefix) {
      await stat(root);
      const parent = prefix.slice(0, prefix.lastIndexOf("/") + 1);
      for await (const object of walk(root, parent)) if (object.name.startsWith(prefix)) yield object;
    },
    close() {},
  };
}

async function* walk(root: string, folder: string): AsyncGenerator<ArchivedObject> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  });
  for (const entry of entries) {
    const name = `${folder}${entry.name}`;
    if (entry.isDirectory()) yield* walk(root, `${name}/`);
    else if (entry.isFile() && !name.endsWith(partEnding)) {
      const { size } = await stat(join(root, name));
      yield { name, bytes: size };
    }
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
