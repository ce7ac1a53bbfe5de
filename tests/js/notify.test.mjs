import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

const { levelOf, titled, waiting, worthTelling } = await import("$/public/notify");

const notices = { direct: true, groups: true, sound: false };
const direct = { chat_id: "x", kind: "direct", level: "", muted: false };
const group = { ...direct, kind: "group" };
const told = (rest) => worthTelling({ message: { author: "ben" }, row: direct, me: "ada", notices, blocked: [], named: false, ...rest });

describe("a message is told", () => {
  test("of direct chats each, of groups one that names me", () => {
    assert.equal(told({}), true);
    assert.equal(told({ row: group }), false);
    assert.equal(told({ row: group, named: true }), true);
  });

  test("not my own, not one of the blocked, no line of the system, nothing erased, nothing of an unknown chat", () => {
    assert.equal(told({ message: { author: "ada" } }), false);
    assert.equal(told({ blocked: ["ben"] }), false);
    assert.equal(told({ row: group, named: true, blocked: ["ben"] }), false);
    assert.equal(told({ message: { author: "ben", event: "added" } }), false);
    assert.equal(told({ message: { author: "ben", erased: true } }), false);
    assert.equal(told({ row: undefined }), false);
  });

  test("of a muted chat only where it names me", () => {
    assert.equal(told({ row: { ...direct, muted: true } }), false);
    assert.equal(told({ row: { ...group, muted: true, level: "all" } }), false);
    assert.equal(told({ row: { ...group, muted: true }, named: true }), true);
  });

  test("as the chat's own level says, before my settings", () => {
    const off = { direct: false, groups: false, sound: false };
    assert.deepEqual([levelOf(direct, notices), levelOf(group, notices), levelOf(direct, off), levelOf(group, off)], ["all", "mentions", "none", "none"]);
    assert.equal(told({ notices: off }), false);
    assert.equal(told({ row: group, named: true, notices: off }), false);
    assert.equal(told({ row: { ...direct, level: "all" }, notices: off }), true);
    assert.equal(told({ row: { ...group, level: "all" } }), true);
    assert.equal(told({ row: { ...group, level: "none" }, named: true }), false);
  });
});

describe("the title", () => {
  test("counts what waits in chats that are neither muted nor put away", () => {
    const row = (unread, rest = {}) => ({ unread, muted: false, archived: false, ...rest });
    assert.equal(waiting([row(2), row(5, { muted: true }), row(7, { archived: true }), row(0), row(1)]), 3);
    assert.equal(waiting([row(2), row(5, { muted: true, named: true }), row(3, { muted: true, archived: true, named: true })]), 7);
    assert.equal(waiting([]), 0);
  });

  test("wears the number once", () => {
    assert.equal(titled("Chat", 3), "(3) Chat");
    assert.equal(titled("(3) Chat", 4), "(4) Chat");
    assert.equal(titled("(99+) Chat", 0), "Chat");
    assert.equal(titled("Chat", 100), "(99+) Chat");
  });
});

describe("what just came", () => {
  let absorb, onArrival, heard;
  let loads = 0;
  const listed = (rest = {}) => ({ chat_id: "x", kind: "direct", title: "Ben", person: "ben", last_seq: 3, last_read_seq: 3, read_by_others: 0, muted_until: 0, last: { author: "ben", name: "Ben", body: "m3", at: 3000 }, ...rest });
  const message = (seq, rest = {}) => ({ seq, rev: seq, author: "ben", name: "Ben", client_id: `c${seq}`, at: seq * 1000, text: `m${seq}`, ...rest });
  const tail = (after, messages) => ({ chat: "x", after, rev: messages.at(-1).rev, messages });

  beforeEach(async () => {
    loads += 1;
    ({ absorb, onArrival } = await import(`$/public/timeline?notify${loads}`));
    heard = [];
    onArrival(({ message: { seq }, named, row }) => heard.push([seq, named, row.muted]));
  });

  test("is told once, and never what was known or missed", () => {
    absorb({ chats: [listed()], tail_x: tail(2, [message(3), message(4)]) }, "ada");
    assert.deepEqual(heard, [[4, false, false]]);
    absorb({ tail_x: tail(3, [message(4, { rev: 5, text: "edited" }), message(5)]) }, "ada");
    assert.deepEqual(heard.at(-1), [5, false, false]);
    absorb({ missed_5_x: tail(5, [message(6)]) }, "ada");
    assert.equal(heard.length, 2);
  });

  test("names me by a mention, or by an answer to what I said", () => {
    absorb({ chats: [listed({ muted_until: Date.now() + 1e6 })], page_newest_x: { chat: "x", rev: 3, newest: true, has_older: false, messages: [message(3, { author: "ada" })], read: {} } }, "ada");
    absorb({ tail_x: tail(3, [message(4, { mentions: [{ user_id: "ada", name: "ada" }] })]) }, "ada");
    absorb({ tail_x: tail(4, [message(5, { reply: { seq: 3, name: "Ada", text: "m3", erased: false } }), message(6, { reply: { seq: 4, name: "Ben", text: "", erased: false } })]) }, "ada");
    assert.deepEqual(heard, [[4, true, true], [5, true, true], [6, false, true]]);
  });

  test("of a chat that is not listed yet is told when it is", () => {
    absorb({ chats: [] , tail_x: tail(0, [message(1)]) }, "ada");
    assert.deepEqual(heard, []);
    absorb({ chats: [listed({ last_seq: 1 })] }, "ada");
    assert.deepEqual(heard, [[1, false, false]]);
    absorb({ chats: [listed({ last_seq: 1, title: "Benedict" })] }, "ada");
    assert.equal(heard.length, 1);
  });
});
