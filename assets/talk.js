// What the box is about to do: say something, answer a message, or change one of mine.
import { useSyncExternalStore } from "react";

const NOTHING = { mode: "", chat: "", seq: 0, name: "", text: "", files: "", version: 0, said: null, kept: false };
let target = NOTHING;
const listeners = new Set();
const subscribe = (listener) => (listeners.add(listener), () => listeners.delete(listener));
const turn = (next) => {
  target = next;
  listeners.forEach((listener) => listener(target));
};

export const onTarget = subscribe;
export const targetOf = (chat) => (target.chat === chat ? target : NOTHING);
export const useTarget = (chat) => useSyncExternalStore(subscribe, () => targetOf(chat), () => NOTHING);

/** Answer a message, or change one: what is typed next is that. */
export const answer = ({ chat, seq, name, plain, attached }) => turn({ ...NOTHING, mode: "reply", chat, seq, name, text: plain, files: attached });
export const edit = ({ chat, seq, text, edited, attached }) => turn({ ...NOTHING, mode: "edit", chat, seq, text, version: edited, files: attached });
export const cancel = () => target !== NOTHING && turn(NOTHING);

/** New words are on their way to the server; the box keeps them until they are there. */
export const changing = (said) => (target = { ...target, said });

/** A message came, or came anew: an edit is done once its words are there, and nothing is answered that is gone. */
export const arrived = (chat, { seq, text, erased }) => {
  if (target.chat !== chat || target.seq !== seq || !target.mode) return;
  // what was typed in the place of what is gone stays, as something to be said
  if (erased) turn({ ...NOTHING, kept: target.mode === "edit" });
  else if (target.mode === "edit" && text === target.said) cancel();
};

/** The quote that a message carries until the server has it. */
export const quoteOf = ({ mode, seq, name, text, files }) => (mode === "reply" ? { seq, name, text: text.slice(0, 160), erased: false, files } : null);
