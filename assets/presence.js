// Who of those on screen is here, and since when the others are not.
import { useEffect, useReducer } from "react";
import { typingIn } from "$/public/typing";
import { useLanguage } from "$/public/words";

const MINUTE_MS = 60 * 1000;
const HOUR_MS = 60 * MINUTE_MS;

let here = new Set();
let [open, around] = ["", []];
let now = {};
const left = new Map();

/** Of all on screen these are here; `around` are the people of the open chat of whom it may be told. */
export const heardPresent = (told) => {
  [here, open, around] = [new Set(told.here), told.chat, told.around];
  // who hid may not hide any more
  left.forEach((since, person) => since < 0 && left.delete(person));
  now = byName();
};
const byName = () => Object.fromEntries([...here].map((person) => [person, true]));

/** Somebody came (0), went, or hid (-1). */
export const heardPresence = ({ person, since }) => {
  if (since === 0) here.add(person);
  else here.delete(person);
  left.set(person, since);
  now = byName();
};

export const isHere = (person) => here.has(person);
/** All on screen who are here, by their ids. */
export const hereNow = () => now;

/** How many of the open chat's other people are here. */
export const howManyHere = (chat) => (chat === open ? around.filter(isHere).length : 0);

const daysAgo = (at, now) => Math.round((new Date(now).setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86400000);
const clock = (lang, at) => new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit" }).format(at);
const day = (lang, at) => new Intl.DateTimeFormat(lang, { day: "numeric", month: "long", year: "numeric" }).format(at);

/** What can be said of somebody: here, since when not, or nothing. `seenAt` is what was known at loading. */
export const seenOf = (chat, person, seenAt, lang, now) => {
  const none = { kind: "", ago_s: 0, time: "" };
  const told = chat === open && around.includes(person);
  if (told && isHere(person)) return { ...none, kind: "here" };
  const at = told ? Math.max(left.get(person) ?? 0, seenAt) : 0;
  if (left.get(person) === -1 || !at) return none;
  const ago = Math.max(0, now - at);
  if (ago < MINUTE_MS) return { ...none, kind: "just" };
  if (ago < HOUR_MS) return { ...none, kind: "ago", ago_s: Math.floor(ago / 1000) };
  if (daysAgo(at, now) < 2) return { ...none, kind: daysAgo(at, now) ? "yesterday" : "today", time: clock(lang, at) };
  return { ...none, kind: "day", time: day(lang, at) };
};

/** When somebody of the open chat was last here. */
export const useSeen = (chat, person, seenAt) => seenOf(chat, person, seenAt, useLanguage(), Date.now());

/** What stands under the name of the open chat. */
export const useStatus = (chat, person, seenAt, _version) => {
  const language = useLanguage();
  const [, again] = useReducer((n) => n + 1, 0);
  useEffect(() => {
    const timer = setInterval(again, MINUTE_MS / 2);
    return () => clearInterval(timer);
  }, []);
  const typing = typingIn(chat);
  return { ...seenOf(chat, person, seenAt, language, Date.now()), count: howManyHere(chat), typing: typing.length, names: typing.filter(Boolean).join(", ") };
};
