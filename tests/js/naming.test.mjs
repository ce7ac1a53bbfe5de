import assert from "node:assert/strict";
import { test } from "node:test";
import { nameAt, named } from "$/public/naming";

test("a name is what follows @ up to the cursor", () => {
  for (const [text, name] of [["@", ""], ["@ad", "ad"], ["hi @Ён.а", "Ён.а"], ["(@b_1", "b_1"], ["a@b", null], ["@@b", null], ["@ad ", null], ["/@ad", null], ["", null], ["@a-b", null]]) {
    assert.equal(nameAt(text, text.length), name, text);
  }
  assert.equal(nameAt("@adam", 3), "ad");
});

test("the name takes the place of what was typed of it", () => {
  assert.deepEqual(named("hi @ad", 6, "ada"), ["hi @ada ", 8]);
  assert.deepEqual(named("hi @ad, you", 6, "ada"), ["hi @ada , you", 8]);
  assert.deepEqual(named("@a b", 2, "ada"), ["@ada b", 5]);
  assert.deepEqual(named("@", 1, "ada"), ["@ada ", 5]);
});
