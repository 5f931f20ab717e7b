import { expect, test } from "vitest";
import { withProject } from "./view-address.ts";

test("a view has its project in its address, once", () => {
  expect(withProject("/sessions", "alpha")).toBe("/sessions?project=alpha");
  expect(withProject("/sessions?sort=worst", "a b")).toBe("/sessions?sort=worst&project=a+b");
  expect(withProject("/sessions?project=beta&sort=worst", "alpha")).toBe("/sessions?sort=worst&project=beta");
  expect(withProject("/sessions?q=what%3F&show=calls", "alpha")).toBe(
    "/sessions?q=what%3F&show=calls&project=alpha",
  );
});
