import { expect, test } from "vitest";
import { createCountryLookup } from "./country-lookup.ts";

const lookup = createCountryLookup();

test.each([
  ["8.8.8.8", "US"],
  ["2a02:8070:1:0::/64", "DE"],
  ["10.0.0.1", null],
  ["fe80:0:0:0::/64", null],
  ["", null],
  ["not an address", null],
  [null, null],
])("%j is in %j", (address, country) => expect(lookup(address)).toBe(country));
