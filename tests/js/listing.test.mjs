import assert from "node:assert/strict";
import { test } from "node:test";

const { placed } = await import("$/public/listing");
const screen = { width: 390, height: 844 };
const menu = { width: 240, height: 300 };

test("a menu opens at the point it was asked for", () => {
  assert.deepEqual(placed({ x: 20, y: 100 }, menu, screen), { x: 20, y: 100 });
});

test("a menu is never cut off: it moves left, and above the point", () => {
  assert.deepEqual(placed({ x: 380, y: 800 }, menu, screen), { x: 142, y: 500 });
  assert.deepEqual(placed({ x: -5, y: 2 }, menu, screen), { x: 8, y: 8 });
  assert.deepEqual(placed({ x: 20, y: 400 }, { width: 240, height: 840 }, screen), { x: 20, y: 8 });
});
