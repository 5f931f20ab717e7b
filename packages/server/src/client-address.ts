import { BlockList, isIPv4, isIPv6 } from "node:net";
import type { IncomingMessage } from "node:http";

/** Says from which address a request comes. */
export interface ClientAddresses {
  /**
   * The address as it is counted: IPv4 whole, IPv6 by its /64, which is what one subscriber has. Null for this machine itself,
   * which is not counted: whoever is on it could do worse, and a proxy on it that is not trusted would make all clients one.
   */
  of(request: Pick<IncomingMessage, "socket" | "headers">): string | null;
  /** The same for a connection that has not said anything yet; null also for a trusted proxy. */
  ofSocket(remoteAddress: string | undefined): string | null;
}

/** Proxies between client and server that are looked at, from the nearest. Ours: longer chains are made up. */
const maxForwarded = 20;

/** Where a proxy of one's own has its address, and no client from outside does: RFC 1918, RFC 6598, RFC 4193, and this machine. */
const privateNetworks = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "fc00::/7",
  "::1/128",
];

/**
 * `trustedProxies` are addresses and networks (CIDR) whose `X-Forwarded-For` is believed. The header is read from its end, where the
 * nearest proxy writes, up to the first address that is not trusted: what a client puts into it itself is never reached.
 *
 * `onUntrustedProxy` is called once, when a private address that is not trusted sends the header: most likely a proxy that was forgotten,
 * and all of its clients are one address.
 */
export function createClientAddresses(
  trustedProxies: readonly string[],
  onUntrustedProxy: () => void = () => {},
): ClientAddresses {
  const trusted = toBlockList(trustedProxies);
  const privately = toBlockList(privateNetworks);
  let isTold = false;
  const isIn = (list: BlockList, address: string): boolean =>
    list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
  const isTrusted = (address: string): boolean => isIn(trusted, address);

  function noteUntrusted(address: string): void {
    if (isTold || !isIn(privately, address)) return;
    isTold = true;
    onUntrustedProxy();
  }

  return {
    of({ socket, headers }) {
      let address = plainAddress(socket.remoteAddress ?? "");
      if (address === null) return null;
      const forwarded = headers["x-forwarded-for"];
      if (forwarded !== undefined && !isTrusted(address)) noteUntrusted(address);
      else if (forwarded !== undefined) {
        const chain = String(forwarded).split(",").slice(-maxForwarded).toReversed();
        for (const step of chain) {
          const before = plainAddress(step.trim());
          // Nothing behind an entry that is no address can be believed.
          if (before === null) break;
          address = before;
          if (!isTrusted(before)) break;
        }
      }
      return countedAs(address);
    },
    ofSocket(remoteAddress) {
      const address = plainAddress(remoteAddress ?? "");
      return address === null || isTrusted(address) ? null : countedAs(address);
    },
  };
}

/** Null when every entry is an address or a network, else the first one that is not. */
export function wrongNetwork(networks: readonly string[]): string | null {
  return networks.find((network) => parseNetwork(network) === null) ?? null;
}

function toBlockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const parsed = parseNetwork(network);
    if (parsed === null) throw new Error(`no network: ${network}`);
    list.addSubnet(parsed.address, parsed.prefix, parsed.family);
  }
  return list;
}

function parseNetwork(
  network: string,
): { readonly address: string; readonly prefix: number; readonly family: "ipv4" | "ipv6" } | null {
  const [address = "", bits, ...more] = network.split("/");
  if (more.length > 0 || (!isIPv4(address) && !isIPv6(address))) return null;
  const [family, most] = isIPv4(address) ? (["ipv4", 32] as const) : (["ipv6", 128] as const);
  if (bits !== undefined && !/^\d{1,3}$/.test(bits)) return null;
  const prefix = bits === undefined ? most : Number(bits);
  return prefix <= most ? { address, prefix, family } : null;
}

/** An address without port, brackets and zone, IPv4 in IPv6 as IPv4; null when it is none. */
function plainAddress(text: string): string | null {
  if (text.length > 64) return null;
  const bare = text.replace(/^\[(.*)\](?::\d+)?$/, "$1").replace(/^(\d+(?:\.\d+){3}):\d+$/, "$1");
  const [address = ""] = bare.split("%", 1);
  const mapped = /^::ffff:(\d+(?:\.\d+){3})$/i.exec(address)?.[1] ?? address;
  return isIPv4(mapped) || isIPv6(mapped) ? mapped : null;
}

function countedAs(address: string): string | null {
  if (isIPv4(address)) return address.startsWith("127.") ? null : address;
  const groups = groupsOf(address);
  if (groups.slice(0, 7).every((group) => group === 0) && groups[7] === 1) return null;
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(":")}::/64`;
}

/** The eight groups of an IPv6 address. A dotted end only shifts what is behind the first four, which is not counted. */
function groupsOf(address: string): number[] {
  const [head = "", tail] = address.split("::");
  const read = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  const before = read(head);
  const after = tail === undefined ? [] : read(tail);
  const missing = Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array.from({ length: missing }, () => 0), ...after];
}
