/** Plain text of a manual page written with the man macros: enough of roff for the pages of build-demo-texts.mjs. */

/** Requests whose arguments are text, and how the arguments are joined; all other requests give no text. */
const joined = { SH: " ", SS: " ", B: " ", I: " ", BR: "", RB: "", IR: "", RI: "", BI: "", IB: "", UR: " " };

const characters = {
  "-": "-", e: "\\", "\\": "\\", " ": " ",
  "(bu": "*", "(en": "–", "(em": "—", "(mi": "-", "(aq": "'", "(+-": "±",
  M: "M", // a slip in the French xz(1)
  // Strings: those of the zic family, then those of Pod.
  "*-": "-", "*<": "<", "*>": ">", "*(lq": "“", "*(rq": "”", "*o": "7 degrees 26 minutes 22.50 seconds",
  "*(Aq": "'", '*(L"': '"', '*(R"': '"', "*(C`": '"', "*(C'": '"',
};

/** Escapes without text: fonts, zero-width marks, motions, sizes, counters, the joining of lines. */
const silent = /^(?:f|[&%/,:c|^{}]|\*:|h'|s|n)/;

/** One escape: a character by its name, a string, a font or a counter, a motion, a size, or one character. */
const escape = /\\([*fn]?\(..|\*?\[[^\]]*\]|\*.|[fn](?:\[[^\]]*\]|.)|h'[^']*'|s[-+]?\d|.)/g;

/** @throws if the page uses an escape that is not known here */
export function manPageText(roff) {
  const lines = [];
  let until = null;
  for (const line of roff.split("\n")) {
    if (until !== null) {
      if (line.startsWith(until)) until = null;
      continue;
    }
    if (line.startsWith(".TS")) until = ".TE";
    else if (line.startsWith(".de")) until = "..";
    else if (/^[.']/.test(line)) lines.push(requestText(line));
    else lines.push(plain(line));
  }
  return lines
    .filter((line) => line !== null)
    .join("\n")
    .replace(/\n{3,}/g, "\n\n");
}

function requestText(line) {
  const [, name, rest] = /^[.']\s*(\S*)\s*(.*)$/.exec(line);
  const words = Array.from(rest.matchAll(/"((?:[^"]|"")*)"?|((?:\\.|\S)+)/g), ([, quoted, bare]) => quoted ?? bare);
  if (name === "IP" && words.length > 0) return plain(words[0]);
  return name in joined && words.length > 0 ? plain(words.join(joined[name])) : null;
}

function plain(text) {
  return text.replace(/\\".*$/, "").replace(escape, (whole, written) => {
    const name = written.replace(/^\[(..)\]$/, "($1");
    if (name in characters) return characters[name];
    if (silent.test(name)) return "";
    throw new Error(`Unknown roff escape ${whole} in: ${text}`);
  });
}
