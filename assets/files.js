// Files of messages as they are drawn: where their bytes are, how large they look, which icon they have.
import { useEffect, useMemo } from "react";
import { useLanguage } from "$/public/words";

const WIDEST_PX = 346;
const TALLEST_PX = 400;
const NARROWEST_PX = 120;
const LOWEST_PX = 64;
const LOCAL_KEPT = 60;

// where the server is; a browser finds out once it runs
let backend = "";
let told = () => {};
export const onFiles = (listener) => (told = listener);
export const backendAt = (address) => {
  if (!address || address === backend) return;
  backend = address;
  told();
};
export const useBackendAt = (address) => useEffect(() => backendAt(address && String(address)), [address]);
export const addressOf = (path) => (backend ? new URL(path, backend).href : "");

// What this tab uploaded it has already: the picture that is seen while it goes up stays, instead of being fetched.
const local = new Map();
export const keepLocal = (id, url) => {
  local.set(id, url);
  if (local.size <= LOCAL_KEPT) return;
  const [oldest, itsUrl] = local.entries().next().value;
  local.delete(oldest);
  URL.revokeObjectURL(itsUrl);
};

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];
const numbers = new Map();
/** "1,2 МБ": in the largest unit of which there is at least one. */
export const sizeOf = (bytes, lang) => {
  const unit = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const key = `${lang} ${unit}`;
  if (!numbers.has(key)) numbers.set(key, new Intl.NumberFormat(lang, { style: "unit", unit: UNITS[unit], maximumFractionDigits: unit > 1 ? 1 : 0 }));
  return numbers.get(key).format(bytes / 1024 ** unit);
};

const DOCUMENTS = /pdf|word|opendocument|officedocument|excel|powerpoint/;
const PACKED = /zip|7z|rar/;
export const iconOf = (type) => {
  if (DOCUMENTS.test(type)) return "file-text";
  if (PACKED.test(type)) return "archive";
  return { image: "image", video: "film", audio: "music" }[type.split("/")[0]] ?? "file";
};

/** `photo` when it is pictures alone, `file` otherwise; empty for nothing. */
export const kindOf = (files) => (!files?.length ? "" : files.every(({ width }) => width) ? "photo" : "file");

// The place one picture takes, known before it is there: nothing jumps when it comes.
const frameOf = ({ width, height }) => {
  const scale = Math.min(1, WIDEST_PX / width, TALLEST_PX / height);
  const [wide, high] = [Math.max(NARROWEST_PX, width * scale), Math.max(LOWEST_PX, height * scale)];
  return { wide: Math.round(wide), ratio: `${Math.round(wide)} / ${Math.round(high)}` };
};

const drawOne = (file, lang) => {
  const { attachment_id: id, name, type, size, width, thumbnail, upload = "", url = "", progress = 100, going = false } = file;
  const mine = url || local.get(id) || "";
  const whole = id ? addressOf(`/files/${id}`) : "";
  return {
    key: upload || id, id, name, going, progress: Math.round(progress), size: sizeOf(size, lang), icon: iconOf(type), picture: Boolean(width),
    whole: mine || whole, shown: mine || (thumbnail && whole ? `${whole}/thumbnail` : whole), download: whole && `${whole}?download=1`,
  };
};

/** Where the small picture of a quote is, or nowhere. */
export const photoAt = (photo) => (photo ? addressOf(`/files/${photo}`) : "");

/** The files of a chat as its list of them draws them. */
export const useMedia = (rows) => {
  const lang = useLanguage();
  return useMemo(() => rows.map((row) => ({ ...drawOne({ ...row, width: row.width || null }, lang), seq: row.seq, author: row.author, day: new Intl.DateTimeFormat(lang, { day: "numeric", month: "long", year: "numeric" }).format(row.at) })), [rows, lang, backend]);
};

const NOTHING = [];
const drawnBefore = new WeakMap();
const draw = (files, lang) => {
  const all = files.map((file) => drawOne(file, lang));
  const pictures = all.filter(({ picture }) => picture);
  const single = pictures.length === 1 ? frameOf(files.find(({ width }) => width)) : { wide: WIDEST_PX, ratio: "" };
  return { pictures, files: all.filter(({ picture }) => !picture), ...single };
};

/** What a bubble draws of its files: the same objects as before, while nothing about them changed. */
export const drawFiles = (files, lang) => {
  if (!files?.length) return { pictures: NOTHING, files: NOTHING, wide: 0, ratio: "" };
  const key = `${lang} ${backend}`;
  const before = drawnBefore.get(files);
  if (before?.key === key) return before.drawn;
  const drawn = draw(files, lang);
  drawnBefore.set(files, { key, drawn });
  return drawn;
};
