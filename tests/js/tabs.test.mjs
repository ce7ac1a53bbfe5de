import assert from "node:assert/strict";
import { describe, test } from "node:test";

const { countsOf, inTab } = await import("$/public/tabs");

const row = (kind, unread) => ({ kind, unread });
const rows = [row("group", 3), row("direct", 0), row("direct", 1), row("group", 0)];

describe("the tabs above the list", () => {
  test("show all, people or groups", () => {
    assert.equal(inTab(rows, "all"), rows);
    assert.deepEqual(inTab(rows, "direct").map((each) => each.kind), ["direct", "direct"]);
    assert.deepEqual(inTab(rows, "groups").map((each) => each.kind), ["group", "group"]);
  });

  test("count chats with something to read, not messages", () => {
    assert.deepEqual(countsOf(rows), { all: 2, direct: 1, groups: 1 });
    assert.deepEqual(countsOf([]), { all: 0, direct: 0, groups: 0 });
  });
});
