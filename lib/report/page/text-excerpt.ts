/** A text of the page: its first words, and all that the page has of it on demand. */
import type { Sample } from "../report.js";
import { element } from "./dom.js";

const excerptLetters = 160;

/** For where the block of texts cannot be unpacked. */
export const unreadableTexts = "The texts of this page cannot be read: the file is damaged, or the server of `llmap-native open` has stopped. Run `llmap-native map`, which writes the page anew.";

/** One line, without control characters. @param text index of the page's texts */
export function excerptOf(sample: Sample, text: number, letters = excerptLetters): string {
  const content = sample.contents[text] ?? "";
  // eslint-disable-next-line no-control-regex -- texts are anything
  const line = content.slice(0, 4 * letters).replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
  const shown = Array.from(line);
  return shown.length <= letters ? line : `${shown.slice(0, letters - 1).join("")}…`;
}

/** @param colour fills in what the tokens of the text say when it is first unfolded; null: nothing more is known */
export function textExcerpt(sample: Sample, text: number, colour: ((whole: HTMLElement) => Promise<void>) | null = null): HTMLElement {
  const content = sample.contents[text] ?? "";
  const whole = element("div", { className: "text" }, content, ...(sample.cut[text] ? [element("span", { className: "muted" }, " … (only the beginning is in this page)")] : []));
  const node = element("details", { className: "excerpt" }, element("summary", {}, excerptOf(sample, text)), whole);
  if (colour !== null) node.addEventListener("toggle", () => void colour(whole), { once: true });
  return node;
}

/** "text 12 (man-en)": its position in the set, and where it comes from. */
export const textName = (sample: Sample, text: number): string => `Text ${sample.positions[text] ?? ""} (${sample.sources[text] ?? ""})`;
