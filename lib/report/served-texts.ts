/** Whole texts for a page that is served (`llmap-native open`): the file keeps the beginning of long ones only. */
import type { ReportTexts } from "./report-data.js";

type CutTexts = Pick<ReportTexts, "positions" | "contents" | "cut">;

/** Texts in one answer of the server. */
const block = 1000;

/**
 * The texts with those that are cut made whole; as they are where the server does not have them.
 * @param base address of the page
 */
export async function wholeTexts<Texts extends CutTexts>(texts: Texts, base: string): Promise<Texts> {
  const { positions, cut } = texts;
  const blocks = new Set(Array.from(positions, (position) => Math.floor(position / block)).filter((_, i) => cut[i] === true));
  const whole = new Map<number, string>();
  for (const number of blocks) {
    try {
      const answer = await fetch(new URL(`data/texts?from=${number * block}&count=${block}`, base));
      if (!answer.ok) continue;
      const found = (await answer.json()) as { texts: { text: number; content: string }[] };
      for (const { text, content } of found.texts) whole.set(text, content);
    } catch {
      break; // the server is gone, as after --watch
    }
  }
  const contents = texts.contents.map((content, i) => (cut[i] === true ? (whole.get(positions[i] ?? -1) ?? content) : content));
  return { ...texts, contents, cut: cut.map((is, i) => is && !whole.has(positions[i] ?? -1)) };
}
