import assert from "node:assert/strict";
import { test } from "node:test";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { absorb } from "$/public/timeline";
import { Said, calm } from "$/public/markup";

const html = (parts, text = "") => renderToStaticMarkup(createElement(Said, { text, parts }));

test("plain words are words, whatever they look like", () => {
  assert.equal(html(null, "<img src=x onerror=alert(1)>"), "&lt;img src=x onerror=alert(1)&gt;");
});

test("the kinds that are known become elements", () => {
  assert.equal(html(["a ", ["b", "b ", ["i", "i"]], ["s", "s"], ["c", "<c>"]]), "a <strong>b <em>i</em></strong><s>s</s><code>&lt;c&gt;</code>");
  assert.equal(html([["q", "said"], ["pre", "py", "x = 1"]]), '<blockquote dir="auto">said</blockquote><pre dir="ltr" tabindex="0" data-language="py">x = 1</pre>');
});

test("a link opens elsewhere, and tells the other page nothing", () => {
  const link = html([["a", "https://a.example/?q=1&r=2", "here"]]);
  assert.equal(link, '<a href="https://a.example/?q=1&amp;r=2" title="https://a.example/?q=1&amp;r=2" target="_blank" rel="noopener noreferrer nofollow">here</a>');
});

test("what the server would never send is drawn as words or not at all", () => {
  for (const address of ["javascript:alert(1)", "data:text/html,x", "//evil.example", "/chat/x", "", " https://a", undefined, {}]) {
    assert.equal(html([["a", address, "here"]]), "here", String(address));
  }
  for (const node of [["script", "alert(1)"], ["img", "x"], ["constructor", "x"], ["__proto__", "x"], [], [["b", "x"]], null, 5, {}]) {
    assert.doesNotMatch(html([node]), /<(?!strong)/, JSON.stringify(node));
  }
});

test("a tree deeper than any the server makes is cut", () => {
  let deep = "x";
  for (let level = 0; level < 500; level += 1) deep = ["b", deep];
  const drawn = html([deep]);
  assert.ok(drawn.includes("x"));
  assert.ok(drawn.split("<strong>").length < 20);
});

test("my name stands out more than another's, and all is mine", () => {
  absorb({ receipts: true }, "ada");
  const [mine, other, all] = [["@", "ada", "@ada"], ["@", "ben", "@ben"], ["@", "", "@all"]].map((node) => html([node]));
  assert.equal(mine, '<span class="at mine">@ada</span>');
  assert.equal(other, '<span class="at">@ben</span>');
  assert.equal(all, '<span class="at mine">@all</span>');
});

test("marks that pile up are cut, those that scripts write are not", () => {
  assert.equal(calm(`z${"\u0301".repeat(4090)}`).length, 7);
  for (const word of ["й\u0301", "กี่", "שָׁלוֹם", "👩‍👩‍👧‍👦", "❤️", "1️⃣", "क्षि"]) assert.equal(calm(word), word);
});
