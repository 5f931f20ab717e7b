import { beforeEach, describe, expect, test } from "vitest";
import { createAddressBook, type AddressBook } from "./address-book.ts";

let clock = 0;
let book: AddressBook;

beforeEach(() => {
  clock = 0;
  book = createAddressBook({
    most: { connections: 2, posts: 1, foreign: 1 },
    newSessionsPerMinute: 60,
    monotonicMs: () => clock,
    maxRemembered: 100,
  });
});

describe("what an address may have at the same time", () => {
  test("is bounded for it, and for nobody else", () => {
    expect([1, 2, 3].map(() => book.enter("a", "connections"))).toEqual([true, true, false]);
    expect(book.enter("a", "posts")).toBe(true);
    expect(book.enter("b", "connections")).toBe(true);
    book.leave("a", "connections");
    expect(book.enter("a", "connections")).toBe(true);
    expect(book.enter("a", "connections")).toBe(false);
  });

  test("is not counted without an address", () => {
    for (let count = 0; count < 1_000; count += 1) {
      expect(book.enter(null, "connections")).toBe(true);
      expect(book.beginSession(null)).toBe(true);
    }
    book.leave(null, "connections");
    expect(book.size).toBe(0);
  });
});

describe("sessions that an address begins", () => {
  const begun = (address: string, tries: number): number =>
    Array.from({ length: tries }, () => book.beginSession(address)).filter(Boolean).length;

  test("are so many a minute, and those of a quiet minute are not saved up", () => {
    expect(begun("a", 100)).toBe(60);
    clock += 10_000;
    expect(begun("a", 100)).toBe(10);
    clock += 3_600_000;
    expect(begun("a", 100)).toBe(60);
    expect(begun("b", 100)).toBe(60);
  });

  test("are remembered when its connections are gone", () => {
    book.enter("a", "connections");
    expect(begun("a", 60)).toBe(60);
    book.leave("a", "connections");
    expect(begun("a", 1)).toBe(0);
  });
});

describe("memory", () => {
  test("is given back with the last connection, and a minute after the last session", () => {
    book.enter("a", "connections");
    book.leave("a", "connections");
    expect(book.size).toBe(0);
    book.beginSession("b");
    expect(book.size).toBe(1);
    clock += 60_001;
    book.enter("c", "connections");
    book.leave("c", "connections");
    expect(book.size).toBe(0);
  });

  test("is bounded when thousands of addresses begin one session each; who is connected is not forgotten", () => {
    book.enter("stays", "connections");
    book.enter("stays", "connections");
    for (let count = 0; count < 10_000; count += 1) book.beginSession(`address ${count}`);
    expect(book.size).toBeLessThanOrEqual(101);
    expect(book.enter("stays", "connections")).toBe(false);
  });
});
