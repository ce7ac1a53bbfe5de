// How hard a password is to guess, shown while it is typed. An estimate by its looks alone: the list of common
// passwords is the server's, which has the last word.
import { createElement, useEffect, useState } from "react";

const BITS = [28, 40, 60, 88]; // from how many bits on a password is weak, fair, good, strong
const ROWS = ["abcdefghijklmnopqrstuvwxyz", "0123456789", "qwertyuiop", "asdfghjkl", "zxcvbnm", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"];

// 0 for nothing, then 1 to 4.
export const strength = (password) => {
  if (!password) return 0;
  const bits = effectiveLength(password) * Math.log2(alphabet(password));
  const score = BITS.filter((least) => bits >= least).length;
  return password.length < 8 ? 1 : Math.max(1, score);
};

// A letter that repeats, or that follows in the alphabet or on the keyboard, adds a quarter of a free one.
const effectiveLength = (password) => {
  const letters = [...password.toLowerCase()];
  const length = letters.reduce((sum, letter, at) => sum + (at > 0 && follows(letters[at - 1], letter) ? 0.25 : 1), 0);
  return Math.min(length, 2 * new Set(letters).size);
};

const follows = (before, letter) =>
  before === letter || ROWS.some((row) => row.includes(before + letter) || row.includes(letter + before));

const LETTERS = [[/\p{Ll}/u, 26], [/\p{Lu}/u, 26], [/\p{Script=Cyrillic}/u, 7], [/\d/, 10], [/[^\p{L}\d]/u, 16]];
const alphabet = (password) => LETTERS.reduce((size, [kind, more]) => size + (kind.test(password) ? more : 0), 0) || 2;

// What stands in the input of that id, now and at every change. It never leaves the browser.
const useTyped = (id) => {
  const [typed, setTyped] = useState("");
  useEffect(() => {
    const input = document.getElementById(id);
    const look = () => setTyped(input.value);
    look(); // a browser may have filled it in before
    input.addEventListener("input", look);
    return () => input.removeEventListener("input", look);
  }, [id]);
  return typed;
};

// Four bars and a word. `words` are those for 1 to 4.
export const StrengthMeter = ({ inputId, words }) => {
  const score = strength(useTyped(inputId));
  if (!score) return null;
  const bars = [1, 2, 3, 4].map((bar) => createElement("i", { key: bar, className: bar <= score ? "on" : "" }));
  return createElement("span", { className: "meter", "data-score": score }, ...bars, createElement("em", { role: "status" }, words[score - 1]));
};

// A green tick once both inputs hold the same.
export const SameTick = ({ first, second, label }) => {
  const typed = useTyped(second);
  if (useTyped(first) !== typed || !typed) return null;
  return createElement("span", { className: "okc", role: "img", "aria-label": label }, createElement("i", { className: "i i-circle-check s18" }));
};
