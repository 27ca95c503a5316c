/** Log-likelihoods that were computed elsewhere, put into a run folder as if they had been scored into it. */
import { createHash } from "node:crypto";
import { tableToIPC } from "apache-arrow";
import { LlmapError } from "../errors.js";
import { safeFileName } from "../models/model-names.js";
import { defaultScoringOptions, sharedSettings, type ScoringSettings, type SharedSettings } from "../scoring/settings.js";
import { writeFileAtomic } from "../files/atomic-write.js";
import { readModels, withModelsLock, writeModels, type ModelRow } from "../store/models-table.js";
import { RunFolder } from "../store/run-folder.js";
import { readRunRecord, requireSameRun, writeRunRecord } from "../store/run-record.js";
import { keyMetadata, type ScoreKey } from "../store/score-key.js";
import { scoreSchema, scoreTable } from "../store/score-rows.js";
import { writeTexts } from "../store/texts-table.js";
import type { TextSet } from "../texts/text-set.js";
import { softwareVersions } from "./versions.js";

/** A model whose log-likelihoods another program computed. */
export interface ImportedModel {
  name: string;
  labels?: Record<string, string>;
  /** Nats, one per text of the set, summed over the scored tokens. */
  logLikelihood: Float64Array;
  /** Length of each text's sequence, the first token included; default: 2, so that every text counts as scored. */
  tokens?: Int32Array;
  /** What is known of the model; it can be coloured by it. */
  facts?: Partial<NonNullable<ModelRow["facts"]>>;
  /** The file that the log-likelihoods come from. */
  path?: string;
  /** Sentences for the user, such as on what differs from the run's settings. */
  warnings?: string[];
}

/**
 * Writes run.json, texts.arrow, models.arrow and scores/. Models of the folder that have the same name are replaced, and keep their labels and facts
 * where none are given. `map` draws the rest.
 * @param options.settings what the rows were scored with; default: that of this package
 * @param options.replace false: a model of the folder with the same name and other scores is an error, and nothing is written; default true
 * Errors: ERR_USAGE for vectors of another length, non-finite numbers or two models of one name, and for a name that is taken; ERR_RUN_MISMATCH where the folder holds other texts or
 * settings; ERR_RUN_FOLDER.
 */
export async function importScores(options: {
  out: string;
  texts: TextSet;
  models: readonly ImportedModel[];
  settings?: SharedSettings;
  replace?: boolean;
}): Promise<void> {
  const { texts, models, settings = sharedSettings(defaultScoringOptions), replace = true } = options;
  const count = texts.texts.length;
  const seen = new Set<string>();
  for (const model of models) {
    requireVector(model, count);
    if (seen.has(model.name)) throw new LlmapError("ERR_USAGE", `Two models are named ${model.name}. Give each a name of its own.`);
    seen.add(model.name);
  }
  const folder = new RunFolder(options.out);
  const record = await readRunRecord(folder.runRecord);
  if (record !== null) requireSameRun(folder.directory, record, texts, settings);
  await folder.create();
  await withModelsLock(folder.models, async () => {
    const known = await readModels(folder.models);
    if (!replace) requireNew(folder, known, models);
    await writeTexts(folder.texts, texts);
    const now = new Date().toISOString();
    await writeRunRecord(folder.runRecord, {
      format: 1,
      createdAt: record?.createdAt ?? now,
      updatedAt: now,
      versions: await softwareVersions(),
      texts: { name: texts.name, reference: texts.name, count, meanBytes: texts.meanBytes, hash: texts.hash },
      settings,
      skipped: record?.skipped ?? [],
      map: record?.map ?? null,
      noiseFloor: record?.noiseFloor ?? null,
      scoring: record?.scoring ?? null,
    });
    const scoring: ScoringSettings = { ...settings, batchTokens: 0, sequences: 0, contextSize: 0, scorer: "imported", backend: "unknown", device: "unknown", gpuLayers: 0, llamaCpp: "unknown" };
    await writeImported(folder, known, models, { texts, scoring });
  });
}

/** The same scores once more are no clash. Errors: ERR_USAGE. */
function requireNew(folder: RunFolder, known: readonly ModelRow[], models: readonly ImportedModel[]): void {
  const identities = new Map(known.map((row) => [row.name, row.sha256]));
  const clash = models.find(({ name, logLikelihood }) => identities.has(name) && identities.get(name) !== vectorIdentity(logLikelihood));
  if (clash === undefined) return;
  throw new LlmapError("ERR_USAGE", `${folder.directory} has a model named ${clash.name} with other scores. Give it another name with --names, or replace it with --force.`);
}

async function writeImported(
  folder: RunFolder,
  known: readonly ModelRow[],
  models: readonly ImportedModel[],
  { texts, scoring }: { texts: TextSet; scoring: ScoringSettings },
): Promise<void> {
  const count = texts.texts.length;
  const seen = new Set(models.map(({ name }) => name));
  const kept = known.filter(({ name }) => !seen.has(name));
  const before = new Map(known.map((row) => [row.name, row]));
  const fileNames = new Set(kept.map(({ fileName }) => fileName?.toLowerCase()));
  const rows = models.map((model) => ({ ...importedRow(model, before.get(model.name)), fileName: freeFileName(model.name, fileNames) }));
  for (const [i, model] of models.entries()) {
    const row = rows[i];
    if (row === undefined) continue;
    const key: ScoreKey = { model: model.name, modelSha256: row.sha256, textsHash: texts.hash, settings: scoring, firstToken: "none", fallback: null, warnings: model.warnings ?? [] };
    const table = scoreTable(scoreSchema(keyMetadata(key)), {
      text: Int32Array.from({ length: count }, (_, text) => text),
      tokens: model.tokens ?? new Int32Array(count).fill(2),
      logLikelihood: model.logLikelihood,
      truncated: new Array<boolean>(count).fill(false),
    });
    await writeFileAtomic(folder.scoreFile(row.fileName), tableToIPC(table, "file"));
  }
  await writeModels(folder.models, [...kept, ...rows]);
}

function requireVector({ name, logLikelihood, tokens }: ImportedModel, count: number): void {
  const found = logLikelihood.length !== count ? logLikelihood.length : (tokens?.length ?? count);
  if (found !== count) throw new LlmapError("ERR_USAGE", `Expected ${count} numbers for ${name}, one per text, but received ${found}.`);
  const text = logLikelihood.findIndex((value) => !Number.isFinite(value));
  if (text !== -1) {
    throw new LlmapError("ERR_USAGE", `Expected finite log-likelihoods for ${name} but text ${text} has ${String(logLikelihood[text])}.`);
  }
}

/** There is no model file, so the identity is that of the vector: the SHA-256 of its float64. */
function vectorIdentity(logLikelihood: Float64Array): string {
  return createHash("sha256").update(new Uint8Array(logLikelihood.buffer, logLikelihood.byteOffset, logLikelihood.byteLength)).digest("hex");
}

/** @param before the row that it replaces */
function importedRow({ name, labels, logLikelihood, facts, path = "", warnings = [] }: ImportedModel, before: ModelRow | undefined): ModelRow & { sha256: string } {
  const unknown = { architecture: "unknown", title: null, parameters: 0, quantization: null, bytes: 0, contextLength: null, vocabularySize: null, tokenizer: null };
  return {
    name,
    fileName: null,
    path,
    adapters: [],
    labels: labels ?? before?.labels ?? {},
    sha256: vectorIdentity(logLikelihood),
    facts: { ...unknown, ...before?.facts, ...facts },
    status: "complete",
    error: null,
    bosPolicy: null,
    backend: null,
    device: null,
    scorer: "imported",
    fallback: null,
    truncatedTexts: 0,
    warnings,
  };
}

function freeFileName(name: string, taken: Set<string | undefined>): string {
  const safe = safeFileName(name);
  let free = safe;
  for (let number = 2; taken.has(free.toLowerCase()); number++) free = `${safe}-${number}`;
  taken.add(free.toLowerCase());
  return free;
}
