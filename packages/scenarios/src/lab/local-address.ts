import { networkInterfaces } from "node:os";

/**
 * The first IPv4 address of the machine that is not loopback: servers refuse to carry media for loopback.
 * @throws Error on a machine without any network.
 */
export function findLocalAddress(): string {
  const address = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === "IPv4" && !internal)?.address;
  if (address === undefined)
    throw new Error("This scenario needs a network address that is not loopback; a dummy interface will do.");
  return address;
}
