import assert from "node:assert/strict";
import { test } from "node:test";
import { clockTime, languageOf, namedRegions, say, sayCode } from "$/public/words";

const TRIES = {
  ru: { count: "n", one: "Осталась {n} попытка", few: "Осталось {n} попытки", many: "Осталось {n} попыток", other: "Осталось {n} попытки" },
  en: { count: "n", one: "{n} try left", other: "{n} tries left" },
};

test("the cookie decides the language, and only a known one", () => {
  assert.equal(languageOf("a=1; lang=en; b=2"), "en");
  assert.equal(languageOf("lang=en"), "en");
  assert.equal(languageOf(""), "ru");
  assert.equal(languageOf("lang=de"), "ru");
  assert.equal(languageOf("my_lang=en; xlang=en"), "ru");
});

test("Russian counts in three forms", () => {
  const said = (n) => say("ru", TRIES, { n });
  assert.equal(said(1), "Осталась 1 попытка");
  assert.equal(said(21), "Осталась 21 попытка");
  assert.equal(said(3), "Осталось 3 попытки");
  assert.equal(said(11), "Осталось 11 попыток");
  assert.equal(said(0), "Осталось 0 попыток");
});

test("English counts in two", () => {
  assert.equal(say("en", TRIES, { n: 1 }), "1 try left");
  assert.equal(say("en", TRIES, { n: 21 }), "21 tries left");
});

test("values are put in as they are, and only once", () => {
  assert.equal(say("en", { ru: "", en: "To {name}" }, { name: "{name} $1 <b>" }), "To {name} $1 <b>");
  assert.equal(say("en", { ru: "", en: "To {name}" }), "To ");
});

test("a wait is said in the unit it fills", () => {
  const wait = { ru: "Повторите {wait_s}", en: "Try again {wait_s}" };
  assert.equal(say("ru", wait, { wait_s: 1 }), "Повторите через 1 секунду");
  assert.equal(say("ru", wait, { wait_s: 42 }), "Повторите через 42 секунды");
  assert.equal(say("ru", wait, { wait_s: 290 }), "Повторите через 5 минут");
  assert.equal(say("en", wait, { wait_s: 80_000 }), "Try again in 23 hours");
});

test("a code has its words, an unknown one the apology, none nothing", () => {
  const messages = { ru: { gone: "Нет", unexpected: "Ой" }, en: { gone: "Gone", unexpected: "Oops" } };
  assert.equal(sayCode("en", messages, "gone", {}), "Gone");
  assert.equal(sayCode("en", messages, "constructor_of_trouble", {}), "Oops");
  assert.equal(sayCode("ru", messages, "constructor", {}), "Ой");
  assert.equal(sayCode("ru", messages, "", {}), "");
});

test("time left reads like a clock", () => {
  assert.equal(clockTime(42), "0:42");
  assert.equal(clockTime(125), "2:05");
});

test("countries stand in the order of the reader's alphabet", () => {
  const codes = { RU: "+7", AM: "+374" };
  assert.deepEqual(namedRegions("en", codes), [["AM", "Armenia +374"], ["RU", "Russia +7"]]);
  assert.deepEqual(namedRegions("ru", codes).map(([region]) => region), ["AM", "RU"]);
});
