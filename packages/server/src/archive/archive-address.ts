import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Where finished logs are archived. */
export type ArchiveAddress =
  | {
      readonly kind: "folder";
      /** Absolute. It has to be there: a folder that is not mounted is not made anew. */ readonly folder: string;
    }
  | {
      readonly kind: "s3";
      readonly bucket: string;
      /** Empty, or ends with "/". */
      readonly prefix: string;
      /** Null: as the environment says (`AWS_REGION`). */
      readonly region: string | null;
      /** Of storage that is not Amazon's; null: as the environment says. */
      readonly endpoint: string | null;
      /** `https://host/bucket/…` in place of `https://bucket.host/…`. */
      readonly forcePathStyle: boolean;
    };

const s3Settings: ReadonlySet<string> = new Set(["region", "endpoint", "forcePathStyle"]);

/**
 * Reads `PEERSCOPE_ARCHIVE`: a path, `file:///path`, or `s3://bucket/prefix?region=&endpoint=&forcePathStyle=true`.
 * @throws Error saying what is wrong with it.
 */
export function parseArchiveAddress(text: string): ArchiveAddress {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return { kind: "folder", folder: resolve(text) };
  if (!URL.canParse(text)) throw new Error("is no path and no address");
  const url = new URL(text);
  if (url.protocol === "file:") {
    if (url.host !== "" || url.search !== "") throw new Error("must be file:///absolute/path");
    return { kind: "folder", folder: fileURLToPath(url) };
  }
  if (url.protocol !== "s3:") throw new Error("must be a path, file:///… or s3://bucket/prefix");
  if (url.username !== "" || url.password !== "")
    throw new Error("must not hold credentials: they come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
  if (url.hostname === "") throw new Error("must name a bucket: s3://bucket/prefix");
  for (const name of url.searchParams.keys())
    if (!s3Settings.has(name)) throw new Error(`has a parameter that is not known: ${name}`);
  const endpoint = url.searchParams.get("endpoint");
  if (endpoint !== null && !(URL.canParse(endpoint) && /^https?:$/.test(new URL(endpoint).protocol)))
    throw new Error("endpoint must be an http:// or https:// address");
  const pathStyle = url.searchParams.get("forcePathStyle") ?? "false";
  if (pathStyle !== "true" && pathStyle !== "false") throw new Error("forcePathStyle must be true or false");
  const path = decodeURIComponent(url.pathname).replaceAll(/^\/+|\/+$/g, "");
  return {
    kind: "s3",
    bucket: url.hostname,
    prefix: path === "" ? "" : `${path}/`,
    region: url.searchParams.get("region"),
    endpoint,
    forcePathStyle: pathStyle === "true",
  };
}
