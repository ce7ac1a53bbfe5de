import assert from "node:assert/strict";
import { test } from "node:test";

const { nextOf } = await import("$/public/keys");
const any = () => true;

test("goes round the list, both ways", () => {
  assert.deepEqual([nextOf(3, 0, 1, any), nextOf(3, 2, 1, any), nextOf(3, 0, -1, any), nextOf(3, 1, -1, any)], [1, 0, 2, 0]);
});

test("begins at an end when no chat is open", () => {
  assert.deepEqual([nextOf(3, -1, 1, any), nextOf(3, -1, -1, any)], [0, 2]);
});

test("stays where it is when there is nowhere to go", () => {
  assert.deepEqual([nextOf(0, -1, 1, any), nextOf(1, 0, 1, any), nextOf(3, 1, 1, () => false)], [-1, -1, -1]);
});

test("passes over chats without anything new", () => {
  const unread = (at) => at === 3;
  assert.deepEqual([nextOf(5, 0, 1, unread), nextOf(5, 4, -1, unread), nextOf(5, 3, 1, unread), nextOf(5, -1, -1, unread)], [3, 3, -1, 3]);
});
