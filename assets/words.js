// Says things in the reader's language. Which one that is lives in the cookie `lang`, readable by the server as well;
// every word on the page follows a change at once, without a reload.
import { createElement, Fragment, useEffect, useState, useSyncExternalStore } from "react";

export const LANGUAGES = ["ru", "en"];
const BUILT_IN = LANGUAGES[0]; // the language of the built pages, and of whoever has not chosen
const YEAR_S = 365 * 24 * 3600;
const listeners = new Set();

export const languageOf = (cookies) => {
  const chosen = /(?:^|;\s*)lang=(\w+)/.exec(cookies)?.[1];
  return LANGUAGES.includes(chosen) ? chosen : BUILT_IN;
};

const read = () => languageOf(document.cookie);
const listen = (listener) => {
  // the first words are on the page: it may be seen (see `words-wait` in base.css)
  document.documentElement.classList.remove("words-wait");
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useLanguage = () => useSyncExternalStore(listen, read, () => BUILT_IN);

export const setLanguage = (language) => {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `lang=${language}; path=/; max-age=${YEAR_S}; samesite=lax${secure}`;
  document.documentElement.lang = read();
  for (const listener of listeners) listener();
};

// A message is { ru, en }, each a sentence with {names}, or one sentence for every plural form and the name it counts.
export const say = (language, message, values = {}) => {
  const spoken = message?.[language] ?? message?.[BUILT_IN] ?? "";
  const sentence = typeof spoken === "string" ? spoken : pick(language, spoken, values[spoken.count]);
  return sentence.replace(/\{(\w+)\}/g, (_, name) => figure(language, name, values[name]));
};
const pick = (language, forms, count) => forms[new Intl.PluralRules(language).select(Number(count))] ?? forms.other;
const figure = (language, name, value) => {
  if (name === "wait_s" || name === "ago_s") return fromNow(language, name === "ago_s" ? -value : value);
  return typeof value === "number" ? value.toLocaleString(language) : String(value ?? "");
};

// "через 5 минут", "2 дня назад": a wait, or an age, in the largest unit that it fills twice.
const fromNow = (language, seconds) => {
  const [size, unit] = [[86400, "day"], [3600, "hour"], [60, "minute"]].find(([size]) => Math.abs(seconds) >= 2 * size) ?? [1, "second"];
  return new Intl.RelativeTimeFormat(language).format(Math.ceil(seconds / size), unit);
};

// Words for a code known only now; one without words of its own says what can be said of all.
export const sayCode = (language, messages, code, values) => {
  if (!code) return "";
  const known = (words) => words[Object.hasOwn(words, code) ? code : "unexpected"];
  return say(language, Object.fromEntries(LANGUAGES.map((each) => [each, known(messages[each])])), values);
};

export const clockTime = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

// Says `message` with the time left for {t}, and at the end shows its children instead.
export const Countdown = ({ seconds, message, children }) => {
  const language = useLanguage();
  const [left, setLeft] = useState(seconds);
  useEffect(() => {
    const end = Date.now() + seconds * 1000;
    const tick = () => setLeft(Math.max(0, Math.ceil((end - Date.now()) / 1000)));
    tick();
    const timer = setInterval(tick, 250);
    return () => clearInterval(timer);
  }, [seconds]);
  if (left <= 0) return createElement(Fragment, null, children);
  const [before, after] = say(language, message, { t: "\0" }).split("\0");
  return createElement("span", { className: "mut" }, before, createElement("b", { className: "tx num" }, clockTime(left)), after);
};

// [["RU", "Россия +7"], …] of { RU: "+7", … }, in the order of the reader's alphabet.
export const namedRegions = (language, callingCodes) => {
  const names = new Intl.DisplayNames(language, { type: "region" });
  const named = Object.entries(callingCodes).map(([region, code]) => [region, `${names.of(region)} ${code}`]);
  return named.sort(([, one], [, other]) => one.localeCompare(other, language));
};
