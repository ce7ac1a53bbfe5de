// Which chats of the list are shown: all, direct ones, groups.
import { useMemo, useSyncExternalStore } from "react";

let chosen = "all";
const listeners = new Set();
const subscribe = (listen) => (listeners.add(listen), () => listeners.delete(listen));

export const chooseTab = (tab) => {
  chosen = tab;
  listeners.forEach((listen) => listen());
};
export const useTab = () => useSyncExternalStore(subscribe, () => chosen, () => "all");

const belongs = { all: () => true, direct: (row) => row.kind === "direct", groups: (row) => row.kind !== "direct" };

export const inTab = (rows, tab) => (tab === "all" ? rows : rows.filter(belongs[tab]));

/** In how many chats of each tab there is something to read. */
export const countsOf = (rows) => {
  const waiting = rows.filter((row) => row.unread > 0);
  return Object.fromEntries(Object.keys(belongs).map((tab) => [tab, inTab(waiting, tab).length]));
};

export const useInTab = (rows) => {
  const tab = useTab();
  return useMemo(() => inTab(rows, tab), [rows, tab]);
};
export const useCounts = (rows) => useMemo(() => countsOf(rows), [rows]);
