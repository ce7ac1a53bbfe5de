// One picture of a message large, and with the arrow keys the next.
import { useEffect, useSyncExternalStore } from "react";

const closed = { open: false, name: "", whole: "", shown: "", size: "", download: "", at: 0, of: 0 };
let [pictures, at, view] = [[], 0, closed];
const listeners = new Set();

const look = () => {
  const picture = pictures[at];
  view = picture ? { open: true, name: picture.name, whole: picture.whole, shown: picture.shown, size: picture.size, download: picture.download, at: at + 1, of: pictures.length } : closed;
  listeners.forEach((listen) => listen());
};

export const openViewer = (all, index) => {
  [pictures, at] = [all, index];
  look();
};

export const step = (by) => {
  if (!pictures.length) return;
  at = (at + by + pictures.length) % pictures.length;
  look();
};

export const closeViewer = () => openViewer([], 0);

export const viewed = () => view;
export const useViewer = () => {
  const shown = useSyncExternalStore((listen) => (listeners.add(listen), () => listeners.delete(listen)), viewed, () => closed);
  useEffect(() => {
    if (!shown.open) return undefined;
    const turn = (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (by) step(by);
    };
    addEventListener("keydown", turn);
    return () => removeEventListener("keydown", turn);
  }, [shown.open]);
  return shown;
};
