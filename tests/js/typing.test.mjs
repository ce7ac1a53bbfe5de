import assert from "node:assert/strict";
import { beforeEach, describe, mock, test } from "node:test";

const { heardTyping, onTyping, spoke, typingIn, worthSaying } = await import("$/public/typing");

describe("who types", () => {
  beforeEach(() => mock.timers.reset());

  test("is known by name until five seconds after the last notice", () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    let told = 0;
    onTyping(() => (told += 1));
    heardTyping({ chat: "x", person: "ben", name: "Ben" });
    heardTyping({ chat: "x", person: "cleo", name: "Cleo" });
    assert.deepEqual(typingIn("x"), ["Ben", "Cleo"]);
    assert.deepEqual(typingIn("y"), []);
    mock.timers.tick(4000);
    heardTyping({ chat: "x", person: "ben", name: "Ben" });
    mock.timers.tick(1500);
    assert.deepEqual([typingIn("x"), told], [["Ben"], 1]);
    mock.timers.tick(5000);
    assert.deepEqual([typingIn("x"), told], [[], 2]);
  });

  test("is forgotten when what they typed arrives, and nobody else is", () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    heardTyping({ chat: "x", person: "ben", name: "Ben" });
    heardTyping({ chat: "x", person: "cleo", name: "Cleo" });
    heardTyping({ chat: "y", person: "ben", name: "Ben" });
    spoke("x", "ben");
    assert.deepEqual([typingIn("x"), typingIn("y")], [["Cleo"], ["Ben"]]);
    spoke("z", "nobody");
  });
});

test("is said of something typed, at most every three seconds", () => {
  assert.equal(worthSaying("a", 0, 10_000), true);
  assert.equal(worthSaying("ab", 10_000, 12_900), false);
  assert.equal(worthSaying("abc", 10_000, 13_000), true);
  assert.equal(worthSaying("  \n", 0, 10_000), false);
});
