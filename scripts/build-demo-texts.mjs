/**
 * Builds demo/texts.jsonl, the built-in text set: excerpts of works whose licences let an npm package ship them
 * (demo/README.md lists the works, demo/LICENSES holds the licences).
 *
 * Needs Debian 12 on amd64 with apt-get and dpkg-deb, and the network. The packages below are downloaded at exactly these versions
 * and unpacked into a temporary folder, not installed; the result is the same to the byte every time. When a
 * mirror no longer holds a version, take the next one and look through the difference.
 *
 *   node scripts/build-demo-texts.mjs
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { gunzipSync } from "node:zlib";
import { manPageText } from "./man-page-text.mjs";

const packages = {
  "xz-utils": "5.4.1-1+deb12u2",
  "liblzma-dev": "5.4.1-1+deb12u2",
  debconf: "1.5.82",
  "debconf-doc": "1.5.82",
  manpages: "6.03-2",
  "manpages-dev": "6.03-2",
  "zlib1g-dev": "1:1.2.13.dfsg-1",
  "libsqlite3-dev": "3.40.1-2+deb12u2",
  "libpython3.11-minimal": "3.11.2-6+deb12u9",
  "libpython3.11-stdlib": "3.11.2-6+deb12u9",
  "bible-kjv": "4.38",
  "bible-kjv-text": "4.38",
};

const textsPerSource = 30;

/** Cutting as the authors of the method do: at most 1024 bytes of UTF-8, pieces of 256 bytes or less dropped. */
const longestText = 1024;
const shortestText = 257;

/** Translated pages fall back to English where a paragraph is not translated yet: the commonest words tell. */
const functionWords = {
  "man-de": /\b(der|die|das|und|ist|den|nicht|mit|wird|von)\b/gi,
  "man-fr": /\b(le|la|les|des|est|et|une?|pour|dans|du)\b/gi,
};
const englishWords = /\b(the|of|and|to|is|in|that|it|for|be)\b/gi;

const root = join(import.meta.dirname, "..");
const work = mkdtempSync(join(tmpdir(), "llmap-native-texts-"));
try {
  for (const [name, version] of Object.entries(packages)) unpack(name, version);
  const documents = { "man-en": manPages(""), "man-de": manPages("de"), "man-fr": manPages("fr") };
  Object.assign(documents, { python: pythonModules(), c: cHeaders(), kjv: bibleBooks() });

  const random = mulberry32(42);
  const rows = Object.entries(documents).flatMap(([source, of]) => {
    const excerpts = of.flatMap(({ text, ...facts }) => excerptsOf(text, source).map((excerpt) => ({ text: excerpt, source, ...facts })));
    const works = [...new Set(of.map(({ work }) => work))];
    return inTurn(works.map((name) => shuffled(excerpts.filter(({ work }) => work === name), random))).slice(0, textsPerSource);
  });
  const lines = shuffled(rows, random).map((row) => `${JSON.stringify(row)}\n`);
  writeFileSync(join(root, "demo", "texts.jsonl"), lines.join(""));
  for (const source of Object.keys(documents)) {
    console.log(source, rows.filter((row) => row.source === source).length);
  }
} finally {
  rmSync(work, { recursive: true });
}

function unpack(name, version) {
  const downloads = join(work, "deb", name);
  mkdirSync(downloads, { recursive: true });
  // Root's apt would else try to download as another user, who cannot write here.
  const download = ["download", "--quiet", "--option", "APT::Sandbox::User=root", `${name}=${version}`];
  execFileSync("apt-get", download, { cwd: downloads, stdio: ["ignore", "ignore", "inherit"] });
  execFileSync("dpkg-deb", ["--extract", join(downloads, readdirSync(downloads)[0]), join(work, name)]);
}

/** Regular files below `directory` of a package, sorted by path. */
function filesOf(name, directory) {
  return readdirSync(join(work, name, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** One document: where it comes from, under which licence, and its text. */
function document(name, path, workName, license, text) {
  return { text, license, work: workName, document: relative(join(work, name), path).replace(/\.gz$/, "") };
}

/**
 * Manual pages of one language ("" is English) under licences that allow it. A page is left out if a notice of its own says
 * otherwise than its package does: the German ones of debconf name the GPL, and some of Linux a copyright.
 */
function manPages(language) {
  const sections = ["man1", "man2", "man3", "man5", "man7", "man8"].map((section) => join("usr/share/man", language, section));
  const pages = (name) =>
    filesOf(name, "usr/share/man")
      .filter((path) => sections.some((section) => path.startsWith(join(work, name, section) + "/")))
      .map((path) => ({ name, path, roff: gunzipSync(readFileSync(path)).toString("utf8") }))
      .filter(({ roff }) => !/^\.so |General Public License/.test(roff));
  const ofWork = (list, workName, license) =>
    list.map(({ name, path, roff }) => document(name, path, workName, license, manPageText(roff)));

  const publicDomainXz = pages("xz-utils").filter(({ roff }) => roff.includes("has been put into the public domain"));
  const debconf = ["debconf", "debconf-doc"].flatMap(pages);
  const documents = [...ofWork(publicDomainXz, "XZ Utils", "public domain"), ...ofWork(debconf, "debconf", "BSD-2-Clause")];
  if (language !== "") return documents;

  const linux = ["manpages", "manpages-dev"]
    .flatMap(pages)
    .filter(({ roff }) => roff.includes("LICENSE_START(PUBLIC_DOMAIN)") && !roff.includes("Copyright"));
  return [
    ...documents,
    ...ofWork(linux, "Linux man-pages", "public domain"),
    ...ofWork(pages("zlib1g-dev"), "zlib", "Zlib"),
  ];
}

/** The standard library, without generated tables and without modules that name an author's rights of their own. */
function pythonModules() {
  const generated = /\/(encodings|pydoc_data)\//;
  return ["libpython3.11-minimal", "libpython3.11-stdlib"].flatMap((name) =>
    filesOf(name, "usr/lib/python3.11")
      .filter((path) => path.endsWith(".py") && !generated.test(path))
      .map((path) => document(name, path, "Python", "PSF-2.0", readFileSync(path, "utf8")))
      .filter(({ text }) => !/copyright|licen[cs]e|\(c\)/i.test(text)),
  );
}

function cHeaders() {
  const headers = (name, workName, license) =>
    filesOf(name, "usr/include")
      .filter((path) => path.endsWith(".h"))
      .map((path) => document(name, path, workName, license, readFileSync(path, "utf8")));
  return [
    ...headers("liblzma-dev", "XZ Utils", "public domain"),
    ...headers("libsqlite3-dev", "SQLite", "public domain"),
    ...headers("zlib1g-dev", "zlib", "Zlib"),
  ];
}

/** The 66 books, each without the references ("Gen1:1 ") that start its lines. */
function bibleBooks() {
  const data = join(work, "bible-kjv-text", "usr/lib");
  const bible = join(work, "bible-kjv", "usr/bin/bible");
  const verses = execFileSync(bible, ["-f", "-p", `${data}/ `, "gen1:1-rev22:21"], { encoding: "utf8", maxBuffer: 2 ** 24 });
  const books = new Map();
  for (const [, book, verse] of verses.matchAll(/^(\w+?)\d+:\d+ (.*\n)/gm)) books.set(book, (books.get(book) ?? "") + verse);
  return [...books].map(([book, text]) => ({ text, license: "public domain", work: "King James Version", document: book }));
}

/** The pieces of a document that may enter the set. */
function excerptsOf(text, source) {
  const pieces = cut(text, longestText).filter((piece) => Buffer.byteLength(piece) >= shortestText);
  return source in functionWords ? pieces.filter((piece) => isIn(source, piece)) : pieces;
}

/** Cuts a text into pieces of at most `limit` bytes of UTF-8, between characters, each as long as it can be. */
function cut(text, limit) {
  const bytes = Buffer.from(text);
  const pieces = [];
  for (let start = 0, end; start < bytes.length; start = end) {
    end = Math.min(start + limit, bytes.length);
    while (end < bytes.length && (bytes[end] & 0xc0) === 0x80) end -= 1;
    pieces.push(bytes.toString("utf8", start, end));
  }
  return pieces;
}

/** Whether a piece is in the language of its source. */
function isIn(source, piece) {
  return (piece.match(functionWords[source]) ?? []).length > 4 * (piece.match(englishWords) ?? []).length;
}

/** The first of every list, then the second of every list, and so on. */
function inTurn(lists) {
  const longest = Math.max(...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, turn) => lists.flatMap((list) => list.slice(turn, turn + 1))).flat();
}

/** A copy in random order (Fisher-Yates). */
function shuffled(list, random) {
  const copy = [...list];
  for (let last = copy.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [copy[last], copy[other]] = [copy[other], copy[last]];
  }
  return copy;
}

/** Tommy Ettinger's mulberry32: a small seeded generator, uniform in [0, 1). */
function mulberry32(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
