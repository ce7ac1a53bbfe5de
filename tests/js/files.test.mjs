import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, backendAt, drawFiles, iconOf, kindOf, onFiles, sizeOf } from "$/public/files";
import { closeViewer, openViewer, step, viewed } from "$/public/viewer";

const photo = (width, height, more = {}) => ({ attachment_id: `${width}x${height}`, name: "cat.png", type: "image/png", size: 1234567, width, height, thumbnail: true, ...more });
const letter = { attachment_id: "letter", name: "a.pdf", type: "application/pdf", size: 1000, width: null, height: null, thumbnail: false };

test("a size is said in the largest unit that it fills", () => {
  const plain = (text) => text.replace(/\s/g, " ");
  assert.deepEqual([0, 1, 1023, 1024, 1536, 1024 ** 2, 1.25 * 1024 ** 2, 20 * 1024 ** 2].map((bytes) => plain(sizeOf(bytes, "en"))),
    ["0 byte", "1 byte", "1,023 byte", "1 kB", "2 kB", "1 MB", "1.3 MB", "20 MB"]);
  assert.equal(plain(sizeOf(1.25 * 1024 ** 2, "ru")), "1,3 МБ");
});

test("an icon follows from what a file is", () => {
  const icons = { "application/pdf": "file-text", "application/zip": "archive", "image/heic": "image", "video/mp4": "film", "audio/mpeg": "music", "application/octet-stream": "file" };
  for (const [type, icon] of Object.entries(icons)) assert.equal(iconOf(type), icon);
  assert.equal(iconOf("application/vnd.openxmlformats-officedocument.wordprocessingml.document"), "file-text");
});

test("pictures alone are a photo", () => {
  assert.deepEqual([kindOf(undefined), kindOf([]), kindOf([photo(1, 1)]), kindOf([photo(1, 1), letter])], ["", "", "photo", "file"]);
});

test("no address is asked for before it is known, and then all is drawn anew", () => {
  const files = [photo(1000, 500), letter];
  const before = drawFiles(files, "ru");
  assert.deepEqual([addressOf("/files"), before.pictures[0].shown, before.files[0].download], ["", "", ""]);
  let told = 0;
  onFiles(() => (told += 1));
  backendAt("http://chat.example:8000");
  backendAt("http://chat.example:8000");
  backendAt("");
  assert.equal(told, 1);
  const { pictures, files: others } = drawFiles(files, "ru");
  assert.deepEqual([pictures[0].shown, pictures[0].whole], ["http://chat.example:8000/files/1000x500/thumbnail", "http://chat.example:8000/files/1000x500"]);
  assert.equal(others[0].download, "http://chat.example:8000/files/letter?download=1");
  assert.equal(drawFiles([photo(9, 9, { thumbnail: false })], "ru").pictures[0].shown, "http://chat.example:8000/files/9x9");
});

test("what did not change is the same object, so that React need not draw it", () => {
  const files = [photo(10, 10)];
  assert.equal(drawFiles(files, "ru"), drawFiles(files, "ru"));
  assert.notEqual(drawFiles(files, "ru"), drawFiles(files, "en"));
  assert.equal(drawFiles([], "ru").pictures, drawFiles(undefined, "en").pictures);
});

test("a picture's place is kept before it is there, and never too small to be pressed", () => {
  for (const [size, wide, ratio] of [[[1200, 800], 346, "346 / 231"], [[400, 1000], 160, "160 / 400"], [[10, 10], 120, "120 / 64"], [[10000, 10], 346, "346 / 64"], [[200, 100], 200, "200 / 100"]])
    assert.deepEqual([drawFiles([photo(...size)], "ru").wide, drawFiles([photo(...size)], "ru").ratio], [wide, ratio]);
  assert.equal(drawFiles([photo(1, 1), photo(2, 2)], "ru").wide, 346);
});

test("the viewer turns over in a circle, and nothing when it is closed", () => {
  const shown = () => (({ open, name, at, of }) => [open, name, at, of])(viewed());
  openViewer([{ name: "a" }, { name: "b" }], 1);
  assert.deepEqual(shown(), [true, "b", 2, 2]);
  step(1);
  assert.deepEqual(shown(), [true, "a", 1, 2]);
  step(-1);
  assert.deepEqual(shown(), [true, "b", 2, 2]);
  closeViewer();
  step(1);
  assert.deepEqual(shown(), [false, "", 0, 0]);
});
