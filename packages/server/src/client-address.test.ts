import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { createClientAddresses, wrongNetwork } from "./client-address.ts";

const proxies = ["10.0.0.0/8", "192.0.2.1", "2001:db8:1::/48", "127.0.0.1"];
const addresses = createClientAddresses(proxies);
const of = (remoteAddress: string | undefined, forwarded?: string): string | null =>
  addresses.of({
    socket: { remoteAddress } as Socket,
    headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded },
  });

describe("the address of a client", () => {
  test.each<[string, string | undefined, string | undefined, string | null]>([
    ["is that of its socket", "198.51.100.7", undefined, "198.51.100.7"],
    ["is not what it says itself", "198.51.100.7", "203.0.113.5", "198.51.100.7"],
    ["is what a trusted proxy says", "10.1.2.3", "203.0.113.5", "203.0.113.5"],
    ["is IPv4 also in IPv6", "::ffff:198.51.100.7", undefined, "198.51.100.7"],
    ["is behind a proxy that comes as IPv6", "::ffff:10.1.2.3", "203.0.113.5", "203.0.113.5"],
    ["is the last that no trusted proxy wrote", "10.1.2.3", "1.1.1.1, 203.0.113.5", "203.0.113.5"],
    ["is found behind two proxies", "10.1.2.3", "1.1.1.1, 203.0.113.5, 192.0.2.1", "203.0.113.5"],
    ["is the proxy's when the header is no address", "10.1.2.3", "unknown", "10.1.2.3"],
    ["is the nearer one when what is behind it is no address", "10.1.2.3", "x, 192.0.2.1", "192.0.2.1"],
    ["may have a port", "10.1.2.3", "203.0.113.5:4711", "203.0.113.5"],
    ["may have brackets", "10.1.2.3", "[2001:db8:2:3::9]:4711", "2001:db8:2:3::/64"],
    ["is counted by the /64 of IPv6", "2001:db8:2:3:4:5:6:7", undefined, "2001:db8:2:3::/64"],
    ["is the same however it is written", "2001:0DB8:0002:3::", undefined, "2001:db8:2:3::/64"],
    ["has no zone", "fe80::1%eth0", undefined, "fe80:0:0:0::/64"],
    ["is not counted on this machine", "127.0.0.1", undefined, null],
    ["is not counted on this machine, with IPv6", "::1", undefined, null],
    ["is what a proxy on this machine says", "127.0.0.1", "203.0.113.5", "203.0.113.5"],
    ["is not counted when the socket is gone", undefined, "203.0.113.5", null],
  ])("%s", (_, remoteAddress, forwarded, expected) => {
    expect(of(remoteAddress, forwarded)).toBe(expected);
  });

  test("a header of thousands of entries is read from its end, and no further than makes sense", () => {
    const made = Array.from({ length: 5_000 }, (_, index) => `203.0.${index >> 8}.${index & 255}`);
    expect(of("10.1.2.3", made.join(","))).toBe("203.0.19.135");
    expect(of("10.1.2.3", Array.from({ length: 5_000 }, () => "10.9.9.9").join(","))).toBe("10.9.9.9");
    expect(of("10.1.2.3", "9".repeat(16_000))).toBe("10.1.2.3");
  });

  test("a socket that said nothing is counted by itself, unless it is a proxy's", () => {
    expect(addresses.ofSocket("198.51.100.7")).toBe("198.51.100.7");
    expect(addresses.ofSocket("10.1.2.3")).toBeNull();
    expect(addresses.ofSocket("::1")).toBeNull();
    expect(addresses.ofSocket(undefined)).toBeNull();
  });
});

test.each(["proxy.example", "10.0.0.0/33", "::/129", "10.0.0.0/x", "10.0.0.0/8/8", "", "10.0.0.0/"])(
  "%j is no network",
  (text) => {
    expect(wrongNetwork(["10.0.0.0/8", text])).toBe(text);
  },
);

test("a proxy that is most likely forgotten is told of, once", () => {
  let told = 0;
  const noticing = createClientAddresses(["10.0.0.1"], () => (told += 1));
  const from = (remoteAddress: string, forwarded?: string): string | null =>
    noticing.of({
      socket: { remoteAddress } as Socket,
      headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded },
    });
  // Trusted; no header; a client from outside that wrote the header itself.
  from("10.0.0.1", "198.51.100.7");
  from("10.0.0.2");
  from("198.51.100.7", "192.0.2.1");
  expect(told).toBe(0);
  expect(from("10.0.0.2", "198.51.100.7")).toBe("10.0.0.2");
  expect(told).toBe(1);
  from("fd00::5", "198.51.100.8");
  expect(told).toBe(1);
});
