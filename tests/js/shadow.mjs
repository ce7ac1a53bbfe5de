// Tabs without a browser, for tests in Python: one JSON line in, one out. Each tab is a `timeline.js` of its own.
import { createInterface } from "node:readline";

const tabs = new Map();
let made = 0;
const fresh = () => import(`$/public/timeline?shadow${(made += 1)}`);

// What a row was loaded with moves on with what is heard; only what is drawn of it counts. Of the history one may have
// more than the other: what both have counts.
const drawn = (tab, other, { heads, panels }, now) => {
  const rows = tab.listOf("", "en").map(({ last, last_seq, last_rev, last_read_seq, read_by_others, mentioned_seq, ...row }) => row);
  // of two that moved in the same moment either may stand first
  rows.sort((a, b) => b.at - a.at || (a.key < b.key ? -1 : 1));
  const oldest = (id) => Math.max(...[tab, other].map((each) => each.chatOf(id).messages[0]?.seq ?? 0));
  for (const { chat_id: id } of rows) tab.chatOf(id).messages = tab.chatOf(id).messages.filter(({ seq }) => seq >= oldest(id));
  const shown = ({ chat_id: id }) => {
    const { chat, face } = heads[id];
    const { last_read_seq, last_seq, tells, seen_at, ...rest } = chat;
    const head = { ...rest, ...tab.headOf(chat, face) };
    return [id, { rows: tab.rowsOf(id, "en"), pins: tab.pinsOf(id), roles: tab.chatOf(id).roles, head, panel: panelOf(panels[id], now) }];
  };
  return { rows, chats: Object.fromEntries(rows.map(shown)) };
};
// Its revision and how often something was told are not drawn; of a link that is over nobody is told.
const panelOf = (panel, now) => panel && { ...panel, told: 0, group: { ...panel.group, rev: 0 }, links: panel.links.filter(({ until }) => !until || until > now) };

const differs = (shown, loaded, path = "") => {
  if (Object.is(shown, loaded)) return null;
  if (typeof shown !== "object" || typeof loaded !== "object" || !shown || !loaded) return { path, shown, loaded };
  const keys = new Set([...Object.keys(shown), ...Object.keys(loaded)]);
  for (const key of keys) {
    const found = differs(shown[key], loaded[key], `${path}/${key}`);
    if (found) return found;
  }
  return null;
};

const does = {
  /** Take in what was pushed to a tab; says which chats have holes, which are listed and known, what it wants, and which
   *  of its panels are to be read anew, after so often somebody was said to look otherwise. */
  async absorb({ tab, me, pushed, panels }) {
    if (!tabs.has(tab)) tabs.set(tab, await fresh());
    const here = tabs.get(tab);
    for (const fields of pushed) here.absorb(fields, me);
    const holes = [...here.chats.values()].filter(here.hasHole).map(({ id, rev }) => [id, rev]);
    const listed = here.listOf("", "en").map((row) => row.chat_id);
    const unknown = listed.filter((id) => !here.chatOf(id).known);
    const outdated = listed.filter((id) => panels[id] && here.isOutdated(id, panels[id].group.rev, panels[id].members, panels[id].told));
    return { holes, unknown, outdated, told: here.timesTold(), wants: holes.length ? [] : here.wants("", Date.now() + (made += 1) * 10000) };
  },
  /** Compare a tab with one that was loaded just now. */
  async compare({ tab, me, loaded, now, ...kept }) {
    const other = await fresh();
    for (const fields of loaded.pushed) other.absorb(fields, me);
    const here = tabs.get(tab);
    return { difference: differs(drawn(here, other, kept, now), drawn(other, here, loaded, now)) };
  },
  close({ tab }) {
    tabs.delete(tab);
    return {};
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { op, ...facts } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(await does[op](facts))}\n`);
}
