import { expect, test } from "vitest";
import { copyOf, objectOf, shapeOf } from "./shapes.ts";

test("an object of a shape has its members in order, null each, also one named __proto__", () => {
  const value = objectOf(shapeOf(["type", "__proto__", 'a "quoted" name', "\ud800"]));
  expect(Object.entries(value)).toEqual([
    ["type", null],
    ["__proto__", null],
    ['a "quoted" name', null],
    ["\ud800", null],
  ]);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
});

test("the same names are the same shape, in another order another", () => {
  expect(shapeOf(["id", "type"])).toBe(shapeOf(["id", "type"]));
  expect(shapeOf(["id", "type"])).not.toBe(shapeOf(["type", "id"]));
  expect(shapeOf(["a,b"])).not.toBe(shapeOf(["a", "b"]));
});

test("names stay in the order in which they were given, where an object has another", () => {
  expect(shapeOf(["b", "1", "a", "0"]).names).toEqual(["b", "1", "a", "0"]);
});

test("copies are the same whether they are the first or the thousandth, and stand alone", () => {
  const shape = shapeOf(["id", "__proto__", "bytesReceived"]);
  const value = objectOf(shape);
  value["id"] = "IT01";
  for (let count = 0; count < 1_000; count++) {
    value["bytesReceived"] = count + 0.5;
    const copy = copyOf(shape, value);
    value["bytesReceived"] = -1;
    expect(Object.entries(copy)).toEqual([
      ["id", "IT01"],
      ["__proto__", null],
      ["bytesReceived", count + 0.5],
    ]);
  }
});

test("with more shapes than are remembered, each is still copied as it is", () => {
  const shapes = Array.from({ length: 2_000 }, (_, index) => shapeOf(["id", `member${index}`]));
  for (const [index, shape] of shapes.entries()) {
    const value = objectOf(shape);
    value[`member${index}`] = index;
    for (let count = 0; count < 100; count++) copyOf(shape, value);
    expect(copyOf(shape, value)).toEqual({ id: null, [`member${index}`]: index });
  }
});
