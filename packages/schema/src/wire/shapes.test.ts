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

test("members that come and go lead to the shapes of their names, and others to others", () => {
  const small = shapeOf(["id", "type"]);
  const large = shapeOf(["id", "type", "trackIdentifier"], small);
  for (let round = 0; round < 3; round++) {
    expect(shapeOf(["id", "type", "trackIdentifier"], small)).toBe(large);
    expect(shapeOf(["id", "type"], large)).toBe(small);
    // As many names as of the shape that followed last, and as many as of none.
    expect(shapeOf(["id", "type", "mid"], small).names).toEqual(["id", "type", "mid"]);
    expect(shapeOf(["id"], small).names).toEqual(["id"]);
  }
});

test("two members of one name are told, also where a shape is known to follow", () => {
  const before = shapeOf(["id", "type", "kind"]);
  for (let round = 0; round < 2; round++) {
    expect(shapeOf(["id", "id"], before).isDistinct).toBe(false);
    expect(shapeOf(["id", "type"], before).isDistinct).toBe(true);
  }
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
