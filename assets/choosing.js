// Several messages of the open chat, chosen to be passed on together.
import { useEffect, useSyncExternalStore } from "react";

const NONE = { chat: "", seqs: [] };
let chosen = NONE;
const listeners = new Set();
const subscribe = (listener) => (listeners.add(listener), () => listeners.delete(listener));
const turn = (next) => {
  chosen = next;
  listeners.forEach((listener) => listener());
};

export const onChosen = subscribe;

/** How the messages of a chat stand: whether some are being chosen, and which are. */
export const chosenIn = (chat) => (chosen.chat === chat ? chosen.seqs : NONE.seqs);
export const allChosen = () => chosen;

/** Begin with one. */
export const chooseFrom = ({ chat, seq }) => turn({ chat, seqs: [seq] });

/** One more, or one less; with the last one choosing ends. */
export const choose = (chat, seq, most) => {
  const seqs = chosenIn(chat);
  if (seqs.includes(seq)) letGo(chat, seq);
  else if (seqs.length < most) turn({ chat, seqs: [...seqs, seq] });
};

/** Not this one: it is erased, or chosen no more. */
export const letGo = (chat, seq) => {
  const seqs = chosenIn(chat);
  if (!seqs.includes(seq)) return;
  turn(seqs.length > 1 ? { chat, seqs: seqs.filter((each) => each !== seq) } : NONE);
};

export const stopChoosing = () => chosen !== NONE && turn(NONE);

/** How many are chosen in the open chat; another chat, or Escape, ends it. */
export const useChosen = (chat) => {
  const count = useSyncExternalStore(subscribe, () => chosenIn(chat).length, () => 0);
  useEffect(() => stopChoosing, [chat]);
  useEffect(() => {
    if (!count) return undefined;
    const key = (event) => event.key === "Escape" && !document.querySelector("dialog[open]") && stopChoosing();
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, [count > 0]);
  return count;
};
