import { expect, test } from "vitest";
import { pageOfThisServer, readLoginSearch } from "./login-search.ts";

test.each([
  ["/sessions?q=kim&tz=utc", "/sessions?q=kim&tz=utc"],
  ["/settings/keys#top", "/settings/keys#top"],
  ["//evil.example", "/"],
  ["/\\evil.example", "/"],
  ["/\t/evil.example", "/"],
  ["https://evil.example", "/"],
  ["javascript:alert(1)", "/"],
  ["/login?next=/login", "/"],
  ["/api/logout", "/"],
  [undefined, "/"],
])("after a login, %j leads to %j", (next, page) => {
  expect(pageOfThisServer(next)).toBe(page);
});

test("what is the start page anyway does not stand in the address", () => {
  expect(readLoginSearch({ next: "//evil.example", tz: "utc" })).toEqual({ tz: "utc" });
  expect(readLoginSearch({ next: "/dump" })).toEqual({ next: "/dump" });
});
