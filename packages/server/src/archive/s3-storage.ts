import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { ArchiveAddress } from "./archive-address.ts";
import type { ArchiveStorage } from "./archive-storage.ts";

/** One request gets so long, in milliseconds: connecting, and then each silence. Ours. */
const connectionTimeoutMs = 5_000;
const silenceTimeoutMs = 30_000;

/** An archive in S3 or what speaks like it. Credentials come from where the SDK always takes them. */
export function createS3Storage(address: Extract<ArchiveAddress, { kind: "s3" }>): ArchiveStorage {
  const { bucket, prefix } = address;
  const client = new S3Client({
    ...(address.region === null ? {} : { region: address.region }),
    ...(address.endpoint === null ? {} : { endpoint: address.endpoint }),
    forcePathStyle: address.forcePathStyle,
    // Trying again is the archiver's business, and it knows how long it has been going on.
    maxAttempts: 1,
    // A checksum is sent where there is one; asked for of each request, it keeps other makes' storage from answering.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: {
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: silenceTimeoutMs,
      socketTimeout: silenceTimeoutMs,
      throwOnRequestTimeout: true,
    },
  });
  return {
    async put(name, { path, bytes, sha256 }) {
      const body = createReadStream(path, { end: Math.max(0, bytes - 1) });
      try {
        await client.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: prefix + name,
            Body: body,
            ContentLength: bytes,
            ContentType: "application/octet-stream",
            // The storage refuses what arrives with another sum.
            ChecksumSHA256: Buffer.from(sha256, "hex").toString("base64"),
          }),
        );
      } finally {
        body.destroy();
      }
    },
    async get(name) {
      try {
        const { Body: body } = await client.send(
          new GetObjectCommand({ Bucket: bucket, Key: prefix + name }),
        );
        if (!(body instanceof Readable)) throw new Error("the archive answered without a body");
        return body;
      } catch (error) {
        if (error instanceof NoSuchKey) return null;
        throw error;
      }
    },
    async remove(name) {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: prefix + name }));
    },
    async *list(start) {
      let token: string | undefined;
      do {
        const page = await client.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix + start, ContinuationToken: token }),
        );
        for (const { Key: key, Size: bytes } of page.Contents ?? []) {
          if (key !== undefined && bytes !== undefined) yield { name: key.slice(prefix.length), bytes };
        }
        token = page.NextContinuationToken;
      } while (token !== undefined);
    },
    close() {
      client.destroy();
    },
  };
}
