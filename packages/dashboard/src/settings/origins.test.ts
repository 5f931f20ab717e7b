import { expect, test } from "vitest";
import { readOrigins } from "./origins.ts";

test("origins are read as people paste them", () => {
  expect(readOrigins(" https://App.example/ \nhttps://*.shop.example, https://app.example\n\n")).toEqual([
    "https://app.example",
    "https://*.shop.example",
  ]);
  expect(readOrigins("")).toEqual([]);
});
