// The panel of a group: open or not, and when what it shows is read anew.
import { useEffect, useRef, useSyncExternalStore } from "react";
import { addressOf } from "$/public/files";
import { timesTold, useOutdated } from "$/public/timeline";

const MEMBER_MS = 4; // each member puts off the reading anew by so much, within which all who look at it spread
const LONGEST_MS = 4000;
const COPIED_MS = 2000;
const NARROW = "(max-width: 1099px)";

let open = false;
const listeners = new Set();
const subscribe = (listen) => (listeners.add(listen), () => listeners.delete(listen));

export const setPanel = (value) => {
  open = value;
  listeners.forEach((listen) => listen());
};
/** Open the panel, or close it: the focus goes in with it where it lies over the page, and back when it goes. */
export const togglePanel = (button) => {
  setPanel(!open);
  if (!open) document.getElementById(button)?.focus();
};
/** Where the panel lies over the page, let what is under it be seen. */
export const uncover = () => matchMedia(NARROW).matches && setPanel(false);
export const usePanel = () => useSyncExternalStore(subscribe, () => open, () => false);

export const panelKey = (event, button) => {
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) togglePanel(button);
};

/** How long to wait before what changed for everybody at once is read anew. */
export const waitFor = (members, chance) => Math.round(Math.min(members * MEMBER_MS, LONGEST_MS) * chance);

/** Have `show(chatId)` read the group when the panel opens, when its state was lost, and when the group or one of the
 *  `members` shown looks otherwise. */
export const useGroupPanel = (chatId, isGroup, loaded, members, show, id) => {
  const shown = usePanel() && isGroup;
  const [asked, since, timer, last] = [useRef(""), useRef(0), useRef(0), useRef(chatId)];
  const outdated = useOutdated(loaded.chat_id, loaded.rev, members, since.current);
  const read = () => {
    since.current = timesTold();
    show((asked.current = chatId));
  };
  useEffect(() => {
    // over a narrow page it would hide the chat that was gone to
    if (last.current !== chatId && matchMedia(NARROW).matches) setPanel(false);
    last.current = chatId;
  }, [chatId]);
  useEffect(() => {
    if (!shown) asked.current = "";
    else if (asked.current !== chatId || loaded.chat_id !== chatId) read();
  }, [shown, chatId, loaded.chat_id]);
  useEffect(() => {
    if (shown && matchMedia(NARROW).matches) document.getElementById(id)?.focus();
  }, [shown, id]);
  useEffect(() => {
    if (!shown || !outdated || loaded.chat_id !== chatId || timer.current) return;
    timer.current = setTimeout(() => {
      timer.current = 0;
      if (asked.current === chatId) read();
    }, waitFor(loaded.members, Math.random()));
  });
};

const IDLE = { chat: "", busy: false, code: "", params: {} };
let picture = IDLE;
const turn = (chat, next) => {
  picture = { ...IDLE, chat, ...next };
  listeners.forEach((listen) => listen());
};
/** Whether a picture of the group is on its way, or why it was refused. */
export const usePicture = (chat) => useSyncExternalStore(subscribe, () => (picture.chat === chat ? picture : IDLE), () => IDLE);

/** Send the picture that was chosen. What the server would refuse for its size is not sent for minutes first. */
export const sendPicture = async (event, chat, limits) => {
  const input = event.currentTarget;
  const [file] = input.files;
  if (!file) return;
  // the same may be chosen again
  input.value = "";
  if (file.size > limits.most_mb * 1024 * 1024) return turn(chat, { code: "picture_too_large", params: limits });
  turn(chat, { busy: true });
  try {
    const headers = { "Content-Type": "application/octet-stream" };
    const answer = await fetch(addressOf(`/session/group-avatar?chat=${encodeURIComponent(chat)}`), { method: "POST", credentials: "include", headers, body: file });
    const { code, params } = answer.ok ? IDLE : await answer.json();
    turn(chat, { code, params });
  } catch {
    turn(chat, { code: "unsent" });
  }
};

/** A menu closes with whatever is chosen in it, and with Escape. */
export const closeMenu = (event) => {
  const menu = event.currentTarget.closest("details");
  if (!menu.open || (event.type === "keydown" && event.key !== "Escape")) return;
  menu.removeAttribute("open");
  // what was chosen may ask first: the focus comes back here
  menu.querySelector("summary").focus();
  if (event.type === "keydown") event.stopPropagation();
};

/** A menu that opens below the edge of the panel is scrolled into it. */
export const showMenu = (event) => {
  if (event.currentTarget.open) event.currentTarget.querySelector(".pop").scrollIntoView({ block: "nearest" });
};

/** Copy the whole address of `path`; the button says so for a moment. */
export const copyInvitation = async (event, path) => {
  const button = event.currentTarget;
  const address = location.origin + path;
  if (navigator.clipboard) await navigator.clipboard.writeText(address);
  else {
    // without https there is no other way
    const box = document.body.appendChild(Object.assign(document.createElement("textarea"), { value: address }));
    box.select();
    document.execCommand("copy");
    box.remove();
    button.focus();
  }
  button.dataset.done = "true";
  setTimeout(() => delete button.dataset.done, COPIED_MS);
};

/** Have a box ready for the next name. */
export const clearBox = (id) => {
  const box = document.getElementById(id);
  box.value = "";
  box.focus();
};
