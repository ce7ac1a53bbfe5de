// Messages on their way: kept over a reload, sent in order, sent again until the server has them. The server stores a
// message once for each `client_id`, so sending twice is harmless.
import { useEffect } from "react";

const KEY = "chat outgoing";
const AGAIN_MS = 8000;
const TRIES = 4;

let told = () => {};
let queue = read();
let wire = { online: false, send: () => {} };
let timer;

function read() {
  try {
    return JSON.parse(globalThis.localStorage?.getItem(KEY) ?? "[]");
  } catch {
    return [];
  }
}

function changed() {
  try {
    globalThis.localStorage?.setItem(KEY, JSON.stringify(queue));
  } catch {
    // full or forbidden: the queue still lives as long as the page
  }
  told();
}

globalThis.addEventListener?.("storage", (event) => {
  if (event.key !== KEY) return;
  queue = read();
  told();
});

export const onOutgoing = (listener) => (told = listener);
export const outgoing = (chat) => queue.filter((message) => message.chat === chat);

export const newId = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").slice(0, 22);
};

/** Put a message on its way. */
export const post = (chat, text) => {
  queue = [...queue, { chat, client_id: newId(), text, at: Date.now(), state: "waiting", tries: 0, sentAt: 0 }];
  changed();
  flush();
};

/** The server has it. */
export const acknowledge = (clientId) => {
  if (!queue.some((message) => message.client_id === clientId)) return;
  queue = queue.filter((message) => message.client_id !== clientId);
  queueMicrotask(changed);
};

/** The server does not want it: for now (it says how long), or as it is. */
export const refuse = ({ client_id, code, wait_s }) => {
  update(client_id, wait_s ? { sentAt: Date.now() - AGAIN_MS + wait_s * 1000, tries: 0 } : { state: "failed", code });
};

export const retry = (clientId) => {
  update(clientId, { state: "waiting", tries: 0, sentAt: 0, code: "" });
  flush();
};

export const discard = (clientId) => {
  queue = queue.filter((message) => message.client_id !== clientId);
  changed();
};

const update = (clientId, change) => {
  queue = queue.map((message) => (message.client_id === clientId ? { ...message, ...change } : message));
  queueMicrotask(changed);
};

const flush = () => {
  clearTimeout(timer);
  const waiting = queue.filter((message) => message.state === "waiting");
  if (!wire.online || !waiting.length) return;
  const now = Date.now();
  for (const message of waiting) {
    if (now - message.sentAt < AGAIN_MS) continue;
    message.tries += 1;
    message.sentAt = now;
    if (message.tries > TRIES) update(message.client_id, { state: "failed", code: "unsent" });
    else wire.send(message.chat, message.client_id, message.text);
  }
  timer = setTimeout(flush, 1000);
};

/** Say whether there is a line and how to send on it. A new line sends everything that waits. */
export const connectOutgoing = (online, send) => {
  const back = online && !wire.online;
  wire = { online, send };
  if (back) queue.forEach((message) => message.state === "waiting" && Object.assign(message, { sentAt: 0, tries: 0 }));
  flush();
};

export const useOutgoing = (online, send) => {
  useEffect(() => connectOutgoing(online, send));
};
