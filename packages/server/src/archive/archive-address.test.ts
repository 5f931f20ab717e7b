import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { parseArchiveAddress } from "./archive-address.ts";

describe("the address of the archive", () => {
  test("is a path or file:///", () => {
    expect(parseArchiveAddress("/mnt/logs")).toEqual({ kind: "folder", folder: "/mnt/logs" });
    expect(parseArchiveAddress("kept/logs")).toEqual({ kind: "folder", folder: resolve("kept/logs") });
    expect(parseArchiveAddress("file:///mnt/my%20logs")).toEqual({ kind: "folder", folder: "/mnt/my logs" });
  });

  test("is a bucket, with what the environment does not say", () => {
    expect(parseArchiveAddress("s3://calls")).toEqual({
      kind: "s3",
      bucket: "calls",
      prefix: "",
      region: null,
      endpoint: null,
      forcePathStyle: false,
    });
    expect(
      parseArchiveAddress(
        "s3://calls/a/b/?region=eu-central-1&endpoint=http://10.0.0.5:9000&forcePathStyle=true",
      ),
    ).toEqual({
      kind: "s3",
      bucket: "calls",
      prefix: "a/b/",
      region: "eu-central-1",
      endpoint: "http://10.0.0.5:9000",
      forcePathStyle: true,
    });
  });

  test.each([
    ["file://server/share", "file:///absolute/path"],
    ["https://host/bucket", "must be a path"],
    ["s3://", "bucket"],
    ["s3://key:secret@calls", "credentials"],
    ["s3://calls?regoin=eu", "regoin"],
    ["s3://calls?endpoint=10.0.0.5:9000", "endpoint"],
    ["s3://calls?forcePathStyle=yes", "forcePathStyle"],
  ])("is not %s", (text, reason) => {
    expect(() => parseArchiveAddress(text)).toThrow(reason);
  });
});
