import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import S3rver from "s3rver";

/** An S3 server in this process. Its key and secret are "S3RVER". */
export interface S3TestServer {
  readonly endpoint: string;
  /** Value of `PEERSCOPE_ARCHIVE` for a bucket that nothing is in yet. */
  freshAddress(): string;
  close(): Promise<void>;
}

const bucketNames = Array.from({ length: 50 }, (_, index) => `bucket-${index}`);

export async function startS3Server(): Promise<S3TestServer> {
  const directory = mkdtempSync(join(tmpdir(), "peerscope-s3-"));
  const configureBuckets = bucketNames.map((name) => ({ name, configs: [] }));
  const server = new S3rver({ port: 0, address: "127.0.0.1", silent: true, directory, configureBuckets });
  const { port } = await server.run();
  const endpoint = `http://127.0.0.1:${port}`;
  const unused = bucketNames.values();
  return {
    endpoint,
    freshAddress() {
      const { value } = unused.next();
      if (value === undefined) throw new Error("no bucket is left");
      return `s3://${value}/some/where?region=eu-central-1&endpoint=${endpoint}&forcePathStyle=true`;
    },
    async close() {
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
