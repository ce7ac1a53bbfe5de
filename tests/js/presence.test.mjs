import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

let heardPresence, heardPresent, howManyHere, isHere, seenOf;
let loads = 0;
beforeEach(async () => {
  loads += 1;
  ({ heardPresence, heardPresent, howManyHere, isHere, seenOf } = await import(`$/public/presence?${loads}`));
});

const now = new Date(2026, 3, 5, 12, 0).getTime();
const MINUTE = 60_000;
const seen = (seenAt) => seenOf("x", "ben", seenAt, "ru", now);

describe("somebody on screen", () => {
  test("is here as the last news say", () => {
    heardPresent({ chat: "x", here: ["ben"], around: ["ben", "cleo"] });
    assert.deepEqual([isHere("ben"), isHere("cleo"), howManyHere("x"), howManyHere("y")], [true, false, 1, 0]);
    heardPresence({ person: "cleo", since: 0 });
    heardPresence({ person: "ben", since: 5000 });
    assert.deepEqual([isHere("ben"), isHere("cleo"), howManyHere("x")], [false, true, 1]);
    heardPresent({ chat: "", here: [], around: [] });
    assert.deepEqual([isHere("cleo"), howManyHere("x")], [false, 0]);
  });

  test("was here so long ago, in words that fit", () => {
    heardPresent({ chat: "x", here: [], around: ["ben"] });
    assert.equal(seen(now - 20_000).kind, "just");
    assert.deepEqual([seen(now - 5 * MINUTE).kind, seen(now - 5 * MINUTE).ago_s], ["ago", 300]);
    assert.deepEqual([seen(now - 120 * MINUTE).kind, seen(now - 120 * MINUTE).time], ["today", "10:00"]);
    assert.equal(seen(now - 24 * 60 * MINUTE).kind, "yesterday");
    assert.deepEqual([seen(now - 72 * 60 * MINUTE).kind, seen(now - 72 * 60 * MINUTE).time], ["day", "2 апреля 2026 г."]);
    // a clock that is ahead of the server's
    assert.equal(seen(now + MINUTE).kind, "just");
  });

  test("is seen as of the last they left, whatever was loaded before", () => {
    heardPresent({ chat: "x", here: ["ben"], around: ["ben"] });
    assert.equal(seen(now - 72 * 60 * MINUTE).kind, "here");
    heardPresence({ person: "ben", since: now - 5 * MINUTE });
    assert.equal(seen(now - 72 * 60 * MINUTE).kind, "ago");
    assert.equal(seen(0).kind, "ago");
  });

  test("of whom nothing may be told, nothing is", () => {
    heardPresent({ chat: "x", here: ["ben"], around: [] });
    assert.equal(seen(now - MINUTE).kind, "");
    heardPresent({ chat: "x", here: [], around: ["ben"] });
    assert.equal(seen(0).kind, "");
    // who hides now hides what was known too
    heardPresence({ person: "ben", since: -1 });
    assert.equal(seen(now - MINUTE).kind, "");
    // and who is not here when they show themselves again was here when the chat that is read anew says
    heardPresent({ chat: "x", here: [], around: ["ben"] });
    assert.equal(seen(now - 2 * MINUTE).kind, "ago");
  });
});
