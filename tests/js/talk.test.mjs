import assert from "node:assert/strict";
import { test } from "node:test";

let pages = 0;
const fresh = () => import(`$/public/talk?${(pages += 1)}`);
const row = (rest = {}) => ({ chat: "x", seq: 3, name: "Ben", text: "**well**", plain: "well", attached: "", edited: 5, ...rest });

test("an answer quotes the words without their marks, and belongs to its chat", async () => {
  const { answer, quoteOf, targetOf } = await fresh();
  answer(row());
  assert.deepEqual(quoteOf(targetOf("x")), { seq: 3, name: "Ben", text: "well", erased: false, files: "" });
  answer(row({ plain: "", attached: "photo" }));
  assert.equal(quoteOf(targetOf("x")).files, "photo");
  assert.deepEqual([targetOf("y").mode, quoteOf(targetOf("y"))], ["", null]);
});

test("an edit begins with the words as they were typed, and quotes nothing", async () => {
  const { edit, quoteOf, targetOf } = await fresh();
  edit(row());
  const { mode, text, version } = targetOf("x");
  assert.deepEqual([mode, text, version, quoteOf(targetOf("x"))], ["edit", "**well**", 5, null]);
});

test("an edit is done once its words are there, and not before", async () => {
  const { arrived, changing, edit, targetOf } = await fresh();
  edit(row());
  changing("better");
  arrived("x", { seq: 3, text: "**well**" });
  arrived("x", { seq: 4, text: "better" });
  arrived("y", { seq: 3, text: "better" });
  assert.equal(targetOf("x").mode, "edit");
  arrived("x", { seq: 3, text: "better" });
  assert.equal(targetOf("x").mode, "");
});

test("what is gone is neither answered nor changed", async () => {
  for (const begin of ["answer", "edit"]) {
    const talk = await fresh();
    talk[begin](row());
    talk.arrived("x", { seq: 3, text: "", erased: true });
    assert.equal(talk.targetOf("x").mode, "");
  }
});

test("who listens hears of every turn", async () => {
  const { answer, cancel, onTarget } = await fresh();
  const heard = [];
  const unlisten = onTarget(({ mode }) => heard.push(mode));
  answer(row());
  cancel();
  cancel();
  unlisten();
  answer(row());
  assert.deepEqual(heard, ["reply", ""]);
});
