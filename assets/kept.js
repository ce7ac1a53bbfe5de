// What the browser keeps for us over a reload. Where it is full, or closed to us, the page remembers by itself for as
// long as it is open: people go on talking.
const here = new Map();

const storage = () => {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined; // closed by the reader's choice
  }
};

export const keep = (key, text) => {
  try {
    storage()?.setItem(key, text);
    if (storage()) here.delete(key);
    else here.set(key, text);
  } catch {
    storage()?.removeItem(key);
    here.set(key, text);
  }
};

export const kept = (key) => here.get(key) ?? storage()?.getItem(key) ?? null;

export const drop = (key) => (here.delete(key), storage()?.removeItem(key));

export const keysOf = (prefix) => [...Object.keys(storage() ?? {}), ...here.keys()].filter((key) => key.startsWith(prefix));
