/**
 * Why records were lost: `reason` of the event `sdk-records-lost`. Closed list; docs/reference/client.md explains each.
 *
 *   buffer-full         samples, oldest first; events when no samples are left to give up
 *   redact-failed       the app's redact hook threw or returned something that is no record
 *   getstats-failed     getStats threw or rejected
 *   getstats-timeout    getStats did not settle
 *   server-lost-frames  a server has less than it acknowledged, so frames that build on it are worthless
 *   server-refused      the server refused the session for good
 *   not-encodable       a record beyond the limits of a frame, or that cannot be read
 */
export type LossReason =
  | "buffer-full"
  | "redact-failed"
  | "getstats-failed"
  | "getstats-timeout"
  | "server-lost-frames"
  | "server-refused"
  | "not-encodable";
