// Draws what was said: words, or the tree that the server made of its marks (`domain/messages/markup.py`). Only kinds
// from the list below become elements, and only addresses of the web and of mail become links.
import { createElement } from "react";
import { myId, wordsOf } from "$/public/timeline";

const ELEMENTS = { b: "strong", i: "em", s: "s", c: "code", q: "blockquote" };
const ADDRESS = /^(?:https?:\/\/|mailto:)/i;
const DEEPEST = 16;

// A letter with more marks than any script writes climbs over the lines around.
const MARKS = /(\p{M}{6})\p{M}+/gu;
export const calm = (text) => text.replace(MARKS, "$1");

const draw = (node, key, depth) => {
  if (typeof node === "string") return calm(node);
  const [kind, ...inside] = Array.isArray(node) ? node : [];
  const children = (some) => some.map((child, at) => draw(child, at, depth + 1));
  if (depth > DEEPEST) return calm(wordsOf([node]));
  if (Object.hasOwn(ELEMENTS, kind)) return createElement(ELEMENTS[kind], { key, dir: kind === "q" ? "auto" : undefined }, ...children(inside));
  const [first, ...rest] = inside;
  if (kind === "pre") return createElement("pre", { key, dir: "ltr", tabIndex: 0, "data-language": first || undefined }, calm(String(rest[0] ?? "")));
  if (kind === "@") return createElement("span", { key, className: first && first !== myId() ? "at" : "at mine" }, ...children(rest));
  if (kind === "a" && ADDRESS.test(first)) {
    const link = { key, href: first, title: first, target: "_blank", rel: "noopener noreferrer nofollow" };
    return createElement("a", link, ...children(rest));
  }
  return calm(wordsOf(rest));
};

export const Said = ({ text, parts }) => (parts ? parts.map((node, at) => draw(node, at, 0)) : calm(text));
