/** What tests do with a run folder: texts to fill it from, a wait for its first rows, its content to compare. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fixtureTexts } from "./fixtures.js";

/** Writes texts.jsonl into `folder`; returns its path. */
export function writeTexts(folder: string, texts: number, mostCharacters = Infinity): string {
  const path = join(folder, "texts.jsonl");
  const lines = fixtureTexts().slice(0, texts).map(({ text, source }) => JSON.stringify({ text: text.slice(0, mostCharacters), source }));
  writeFileSync(path, lines.join("\n"));
  return path;
}

/** One thread, one text in a batch of at most so many tokens: slow, with many batches to be interrupted between. */
export const manyBatches = (batchTokens: number): string[] => {
  return ["--gpu", "off", "--threads", "1", "--sequences", "1", "--batch-tokens", String(batchTokens)];
};

/** Bytes of the longest stream of unfinished rows in the folder `scores`. */
export function streamBytes(scores: string): number {
  try {
    const streams = readdirSync(scores).filter((name) => name.endsWith(".arrows"));
    return Math.max(0, ...streams.map((name) => statSync(join(scores, name)).size));
  } catch {
    return 0; // no folder yet, or a stream that is gone by now
  }
}

/** Waits until a stream of unfinished rows holds more than so many bytes; false where the command ended before, or a minute passed. */
export async function waitForRows(scores: string, ended: Promise<unknown>, bytes: number): Promise<boolean> {
  const state = { over: false };
  void ended.finally(() => (state.over = true));
  for (let waited = 0; waited < 60_000 && !state.over; waited += 5) {
    if (streamBytes(scores) > bytes) return true;
    await setTimeout(5);
  }
  return false;
}

/** The files below a folder with their content, in base64, by path; names in `except` are left out. */
export function filesOf(folder: string, except: readonly string[] = []): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => statSync(join(folder, path)).isFile());
  return Object.fromEntries(
    paths
      .filter((path) => !except.includes(path))
      .sort()
      .map((path) => [path.split(sep).join("/"), readFileSync(join(folder, path)).toString("base64")]),
  );
}

/** Files of a run folder that hold times: two runs do not have the same. */
export const timedFiles = ["run.json", "report.html"];
