/** What a run folder holds beyond its page, read when it is asked for: whole texts, log-likelihoods of every text, log-probabilities of tokens. */
import { LlmapError } from "../errors.js";
import { numbersOf } from "../report/ranges.js";
import { mostServedModels } from "../report/served-divergences.js";
import { findDraw, readQuickModels } from "../run/quick-models.js";
import { readMap } from "../store/map-tables.js";
import { readModels } from "../store/models-table.js";
import type { RunFolder } from "../store/run-folder.js";
import { readRunRecord } from "../store/run-record.js";
import { readScoreFile } from "../store/score-file.js";
import { readTexts } from "../store/texts-table.js";
import { openTokenFile, type TokenFile, type TokenScores } from "../store/token-file.js";
import { isSameKey } from "../store/score-key.js";
import type { TextSet } from "../texts/text-set.js";
import type { Content, Site } from "./local-server.js";
import { divergencesAmong, requireChosen } from "./divergences-among.js";

/** Texts in one answer. */
const mostTexts = 1000;

const json = (value: unknown): Content => ({ type: "application/json; charset=utf-8", body: JSON.stringify(value) });

/**
 * `texts?from=&count=`: JSON, at most 1,000 of them, with `text` (position), `content`, `source` and `bytes`.
 * `model/<index>`: float64, little-endian, the log-likelihood (nats, not clipped) of every text of the set, in order; NaN for the texts that a model was
 * not scored on, which was scored on resampled ones only. `model/<index>/tokens?text=`: JSON with `tokenIds`, `logProbs` (nats) and `bytes` of the text's scored tokens, and `firstByte`, where the first of
 * them begins, null where it is not known which bytes of the text they stand for; 404 where they were not kept.
 * `divergences?models=3-17.20`: float32, little-endian, KL divergences (bits/byte) of all pairs of 2 to 1,000 models, in increasing order: (1st, 2nd), (1st, 3rd), ...
 * The index is the model's place on the page, which is that in map.arrow.
 */
export function runData(folder: RunFolder): Site {
  const texts = kept(() => readRunTexts(folder));
  const tokens = new Map<string, Promise<TokenFile | null>>();
  return async (path, query) => {
    if (path === "texts") {
      const from = wholeNumber(query, "from", 0);
      const count = Math.min(wholeNumber(query, "count", 100), mostTexts);
      const set = await texts();
      const rows = set.texts.slice(from, from + count).map(({ content, source, bytes }, i) => ({ text: from + i, content, source, bytes }));
      return json({ of: set.texts.length, texts: rows });
    }
    if (path === "divergences") {
      const rows = numbersOf(query.get("models") ?? "", (await readMap(folder.map)).length);
      const chosen = [...new Set(rows)].sort((a, b) => a - b);
      requireChosen(chosen, mostServedModels);
      const found = await divergencesAmong(folder, await texts(), chosen);
      return found && { type: "application/octet-stream", body: littleEndian32(found.values) };
    }
    const [, index = "", further] = /^model\/(\d{1,9})(\/tokens)?$/.exec(path) ?? [];
    if (index === "") return null;
    const model = await modelOfMap(folder, Number(index));
    if (model === null) return null;
    if (model.estimated) return further === undefined ? octets(await quickLogLikelihoods(folder, await texts(), model.name)) : null;
    const { fileName } = model;
    if (fileName === null) return null;
    if (further === undefined) {
      const { rows } = await readScoreFile(folder.scoreFile(fileName));
      return octets(rows.logLikelihood);
    }
    const text = wholeNumber(query, "text", null);
    if (!tokens.has(fileName)) {
      tokens.clear(); // one model's tokens at a time: they are many
      tokens.set(fileName, tokensOfScores(folder, fileName));
    }
    try {
      const found = (await tokens.get(fileName))?.of(text) ?? null;
      return found === null ? null : json({ text, tokenIds: Array.from(found.tokenIds), logProbs: Array.from(found.logProbs), ...tokenPlaces(found) });
    } catch (error) {
      tokens.delete(fileName);
      if (error instanceof LlmapError && error.code === "ERR_NOT_FOUND") return null;
      throw error;
    }
  };
}

/** Null where the tokens are those of other rows than the scores: of an earlier model of the name. Errors: ERR_NOT_FOUND, ERR_RUN_FOLDER. */
async function tokensOfScores(folder: RunFolder, fileName: string): Promise<TokenFile | null> {
  const [file, { key }] = [await openTokenFile(folder.tokenFile(fileName)), await readScoreFile(folder.scoreFile(fileName))];
  return isSameKey(file.key, key) ? file : null;
}

const tokenPlaces = ({ places }: TokenScores): { firstByte: number | null; bytes: number[] } => ({
  firstByte: places?.first ?? null,
  bytes: Array.from(places?.bytes ?? []),
});

/** Errors: ERR_RUN_FOLDER, ERR_NOT_FOUND, ERR_TEXTS. */
async function readRunTexts(folder: RunFolder): Promise<TextSet> {
  const record = await readRunRecord(folder.runRecord);
  return readTexts(folder.texts, record?.texts.name ?? "");
}

/** A model of the map, with its name under scores/; null where there is none. Errors: ERR_RUN_FOLDER, ERR_NOT_FOUND. */
async function modelOfMap(folder: RunFolder, index: number): Promise<{ name: string; estimated: boolean; fileName: string | null } | null> {
  const row = (await readMap(folder.map))[index];
  if (row === undefined) return null;
  const fileName = (await readModels(folder.models)).find(({ name }) => name === row.model)?.fileName ?? null;
  return { name: row.model, estimated: row.estimated, fileName };
}

/** Of a model that was scored on the resampled texts alone; NaN for all others. Null where its scores are gone. Errors: ERR_RUN_FOLDER. */
async function quickLogLikelihoods(folder: RunFolder, texts: TextSet, name: string): Promise<Float64Array | null> {
  const draw = await findDraw(folder, texts);
  const quick = draw && (await readQuickModels(folder, draw.set.hash, () => undefined)).find(({ row }) => row.name === name);
  if (draw === null || !quick) return null;
  const values = new Float64Array(texts.texts.length).fill(NaN);
  draw.texts.forEach((text, row) => (values[text] = quick.scores.rows.logLikelihood[row] ?? NaN));
  return values;
}

/** Errors: ERR_USAGE. @param otherwise null: it must be there */
function wholeNumber(query: URLSearchParams, name: string, otherwise: number | null): number {
  const given = query.get(name);
  if (given === null && otherwise !== null) return otherwise;
  if (given !== null && /^\d{1,9}$/.test(given)) return Number(given);
  throw new LlmapError("ERR_USAGE", `Expected a whole number for ${name} but received ${given ?? "nothing"}.`);
}

const octets = (values: Float64Array | null): Content | null => values && { type: "application/octet-stream", body: littleEndian(values) };

function littleEndian(values: Float64Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.byteLength));
  values.forEach((value, i) => view.setFloat64(8 * i, value, true));
  return new Uint8Array(view.buffer);
}

function littleEndian32(values: Float32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.byteLength));
  values.forEach((value, i) => view.setFloat32(4 * i, value, true));
  return new Uint8Array(view.buffer);
}

/** What was read once stays; what could not be read is tried again. */
function kept<Value>(read: () => Promise<Value>): () => Promise<Value> {
  let value: Promise<Value> | null = null;
  return () =>
    (value ??= read().catch((error: unknown) => {
      value = null;
      throw error;
    }));
}
