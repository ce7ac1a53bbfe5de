import assert from "node:assert/strict";
import { test } from "node:test";
import { strength } from "$/public/strength";

test("nothing typed has no strength", () => assert.equal(strength(""), 0));

test("short is weak, whatever it holds", () => assert.equal(strength("aZ3$ы"), 1));

test("repeats and rows are weak", () => {
  for (const easy of ["aaaaaaaaaaaaaaaa", "abababababababab", "12345678", "abcdefghijklm", "qwertyuiop", "йцукенгш"]) {
    assert.equal(strength(easy), 1, easy);
  }
});

test("longer is never weaker", () => {
  const phrase = "лесная-тропа-17-и-ручей";
  const scores = Array.from(phrase, (_, at) => strength(phrase.slice(0, at + 1)));
  assert.deepEqual(scores, scores.toSorted());
});

test("a phrase is good, a long random one strong", () => {
  assert.equal(strength("лесная-тропа-17"), 3);
  assert.equal(strength("x7Kq!vR2m#Lp9wZt"), 4);
});
