import assert from "node:assert/strict";
import { test } from "node:test";
import { choose, dayOf, pressed, stepped } from "$/public/search";

test("a step leads round and round, from nothing to an end", () => {
  assert.deepEqual([stepped(3, 0, 1), stepped(3, 2, 1), stepped(3, 0, -1)], [1, 0, 2]);
  assert.deepEqual([stepped(3, -1, 1), stepped(3, -1, -1), stepped(0, -1, 1)], [0, 2, -1]);
});

test("a day says its year unless it is this one", () => {
  const now = new Date(2026, 10, 24).getTime();
  assert.equal(dayOf("ru", new Date(2026, 6, 12).getTime(), now), "12 июля");
  assert.equal(dayOf("en", new Date(2025, 6, 12).getTime(), now), "July 12, 2025");
});

const element = (id, attributes = {}) => ({
  id, attributes, clicked: 0, seen: 0,
  getAttribute: (name) => attributes[name] ?? null,
  setAttribute: (name, value) => (attributes[name] = value),
  removeAttribute: (name) => delete attributes[name],
  scrollIntoView() { this.seen += 1; },
  click() { this.clicked += 1; },
});
const page = (hits, sections = []) => {
  globalThis.document = { querySelectorAll: (wanted) => (wanted.startsWith("#found") ? hits : sections) };
};
const press = (key, box, more = {}) => {
  const event = { key, stopped: 0, preventDefault() { this.stopped += 1; }, stopPropagation() {}, ...more };
  pressed(event, box);
  return event;
};

test("arrows choose, Enter opens what is chosen, and the box says which", () => {
  const [box, hits] = [element("search"), [element("a"), element("b")]];
  page(hits);
  choose(box, hits[0]);
  assert.equal(box.attributes["aria-activedescendant"], "a");
  assert.equal(press("ArrowDown", box).stopped, 1);
  assert.deepEqual(hits.map((hit) => hit.attributes["aria-selected"]), ["false", "true"]);
  press("ArrowDown", box);
  assert.equal(box.attributes["aria-activedescendant"], "a");
  press("Enter", box);
  assert.deepEqual(hits.map((hit) => hit.clicked), [1, 0]);
});

test("nothing found, nothing chosen", () => {
  const box = element("search", { "aria-activedescendant": "gone" });
  page([]);
  choose(box, undefined);
  press("ArrowUp", box);
  press("Enter", box);
  assert.equal("aria-activedescendant" in box.attributes, false);
});

test("Tab turns to the next section, with Shift to the one before", () => {
  const sections = [element("all", { "aria-pressed": "true" }), element("chats"), element("people")];
  page([], sections);
  press("Tab", element("search"));
  press("Tab", element("search"), { shiftKey: true });
  assert.deepEqual(sections.map((section) => section.clicked), [0, 1, 1]);
});

test("other keys, and those of an input method, are let through", () => {
  const [box, hits] = [element("search"), [element("a")]];
  page(hits);
  choose(box, hits[0]);
  for (const event of [press("x", box), press("Escape", box), press("Enter", box, { isComposing: true })]) assert.equal(event.stopped, 0);
  assert.equal(hits[0].clicked, 0);
});
