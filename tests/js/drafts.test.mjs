import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const kept = new Map();
const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) };

let pages = 0;
const fresh = () => import(`$/public/drafts?${(pages += 1)}`);

beforeEach(() => {
  kept.clear();
  globalThis.localStorage = storage;
});

test("what was typed is there after a reload, as it was typed, in its own chat", async () => {
  const before = await fresh();
  before.keepDraft("x", "half a\n  thou ");
  before.keepDraft("y", "ещё");
  const after = await fresh();
  assert.deepEqual(["x", "y", "z"].map(after.draftOf), ["half a\n  thou ", "ещё", ""]);
});

test("what is said or wiped out leaves nothing behind, nor do spaces", async () => {
  const { draftOf, keepDraft } = await fresh();
  for (const nothing of ["", "  ", "\n\t"]) {
    keepDraft("x", "half");
    keepDraft("y", "other");
    keepDraft("x", nothing);
    assert.deepEqual([draftOf("x"), draftOf("y"), kept.size], ["", "other", 1], JSON.stringify(nothing));
  }
});

test("who listens hears of each change, and of none that is none", async () => {
  const { draftOf, keepDraft, onDrafts } = await fresh();
  const heard = [];
  onDrafts(() => heard.push(draftOf("x")));
  keepDraft("x", "");
  keepDraft("x", "h");
  keepDraft("x", "h");
  keepDraft("x", "ha");
  keepDraft("x", "");
  assert.deepEqual(heard, ["h", "ha", ""]);
});

test("a browser that keeps nothing has no drafts", async () => {
  delete globalThis.localStorage;
  const { draftOf, keepDraft } = await fresh();
  keepDraft("x", "half");
  keepDraft("x", "");
  assert.equal(draftOf("x"), "");
});

test("the list shows what was left unsaid, but not that of the open chat", async () => {
  const { absorb, listOf } = await import("$/public/timeline?drafts");
  const { keepDraft } = await import("$/public/drafts");
  const row = (chat_id, at) => ({ chat_id, kind: "direct", title: chat_id, person: chat_id, last_seq: 1, last_read_seq: 1, read_by_others: 0, muted_until: 0, last: { author: "ben", name: "Ben", body: "hi", at } });
  absorb({ chats: [row("x", 1000), row("y", 2000)] }, "ada");
  const shown = (open) => Object.fromEntries(listOf(open, "en").map(({ key, draft }) => [key, draft]));
  keepDraft("x", "half a thou");
  keepDraft("y", "other");
  assert.deepEqual(shown(""), { x: "half a thou", y: "other" });
  assert.deepEqual(shown("x"), { x: "", y: "other" });
});

test("where nothing more can be kept, the page remembers by itself", async () => {
  kept.set("chat draft x", "older");
  globalThis.localStorage = { ...storage, setItem: () => { throw new Error("full"); } };
  const { draftOf, keepDraft } = await fresh();
  keepDraft("x", "newer");
  assert.equal(draftOf("x"), "newer");
  keepDraft("x", "");
  assert.equal(draftOf("x"), "");
  globalThis.localStorage = storage;
  assert.equal(draftOf("x"), "");
});
