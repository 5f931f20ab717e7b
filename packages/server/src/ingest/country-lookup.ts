import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Reader, type CountryResponse } from "maxmind";

/** The country of an address as it is counted (`ClientAddresses.of`): ISO 3166-1 alpha-2, null when it is not known. */
export type CountryLookup = (address: string | null) => string | null;

const database = "@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb";

/** Which country an address was given to, from a database that comes with the server: no address leaves the machine. */
export function createCountryLookup(): CountryLookup {
  const path = createRequire(import.meta.url).resolve(database);
  const reader = new Reader<CountryResponse & { readonly country_code?: unknown }>(readFileSync(path));
  return (address) => {
    if (address === null) return null;
    const [plain = ""] = address.split("/", 1);
    const code = reader.get(plain)?.country_code;
    return typeof code === "string" && /^[A-Z]{2}$/.test(code) ? code : null;
  };
}
