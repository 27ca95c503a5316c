/** Log-likelihoods that other programs computed, put into a run folder, so that they share a map with GGUF models. */
import { LlmapError, throwIfAborted } from "../errors.js";
import { readNames } from "../formats/names-file.js";
import { scoresError } from "../formats/scores-error.js";
import { requireChoice } from "../option-checks.js";
import { bosPolicies, defaultScoringOptions, sharedSettings, type BosPolicy, type SharedSettings } from "../scoring/settings.js";
import { RunFolder } from "../store/run-folder.js";
import { readRunRecord, requireSameRun, type RunRecord } from "../store/run-record.js";
import { readTexts } from "../store/texts-table.js";
import { readTextSet } from "../texts/read-text-set.js";
import type { TextSet } from "../texts/text-set.js";
import { importScores, type ImportedModel } from "./import-scores.js";
import type { RunFolderOptions } from "./options.js";
import { readModelScores, totalBytes, type ReadModel, type ScoreFileFormat } from "./read-score-files.js";

/** Options of `importScoreFiles`. */
export interface ImportOptions extends RunFolderOptions {
  /** JSONL of the method's authors or of lm-evaluation-harness, one file per model; matrices as .npy, .csv, .arrow, .feather or .parquet. */
  files: readonly string[];
  /** What the models were scored on, in the order of the files' numbers; default: the texts of the run folder. */
  texts?: string | TextSet | null;
  /** Names of the models, in the order of the files and their rows, in place of the files' own; or a file with one per line. */
  names?: string | readonly string[] | null;
  /** What stood in front of the texts, where the files do not say or say it wrongly; null: by the files. */
  bos?: BosPolicy | null;
  /** Replace models of the folder that have the same names and other scores; default false. */
  force?: boolean;
}

/** What was read of one model. */
export interface ImportSummary {
  model: string;
  file: string;
  format: ScoreFileFormat;
  /** How many texts the file has a log-likelihood for, with a scored token. */
  texts: number;
  /** Nats per text, of these. */
  meanLogLikelihood: number;
  /** What is not known, or not as the run has it. */
  warnings: string[];
}

/** As their programs do it: the authors' code has BOS where the tokenizer adds one, the harness BOS, or EOS, before every text. */
const policies: Partial<Record<ScoreFileFormat, BosPolicy>> = { modelmap: "auto", "lm-eval": "always" };

/**
 * Reads the files and, where all are good, writes their models into the folder; nothing is written otherwise. `map` draws the rest.
 * Errors: ERR_SCORES with file and line for what cannot be imported; ERR_USAGE, also for a name that the folder has; ERR_NOT_FOUND, ERR_TEXTS,
 * ERR_RUN_MISMATCH where the folder holds other texts, ERR_RUN_FOLDER, ERR_ABORTED.
 */
export async function importScoreFiles(options: ImportOptions): Promise<{ models: ImportSummary[] }> {
  const { files, bos = null, force = false, signal, onEvent = () => undefined } = options;
  if (files.length === 0) throw new LlmapError("ERR_USAGE", "Name at least one file to import.");
  if (bos !== null) requireChoice("bos (--bos)", bos, bosPolicies);
  const folder = new RunFolder(options.out);
  const record = await readRunRecord(folder.runRecord);
  const texts = await textsOf(folder, record, options);
  if (record !== null) requireSameRun(folder.directory, record, texts, record.settings);
  onEvent({ event: "texts", name: texts.name, count: texts.texts.length, meanBytes: texts.meanBytes, hash: texts.hash });

  const ofBytes = await totalBytes(files);
  let bytes = 0;
  const read: ReadModel[] = [];
  for (const file of files) {
    const onBytes = (more: number): void => onEvent({ event: "resolving", model: file, step: "read", bytes: (bytes = Math.min(ofBytes, bytes + more)), ofBytes });
    read.push(...(await readModelScores(file, texts, { signal, onBytes })));
  }
  const names = await namesOf(read, options.names ?? null, signal);

  const policyOf = ({ format }: ReadModel): BosPolicy | null => bos ?? policies[format] ?? null;
  const settings = record?.settings ?? newSettings(read.map(policyOf));
  const warnings = (model: ReadModel): string[] => policyWarnings(policyOf(model), settings.bos);
  const models = read.map((model, i): ImportedModel => {
    const { file, logLikelihood, tokens } = model;
    return { name: names[i] ?? "", path: file, logLikelihood, tokens, warnings: warnings(model) };
  });
  throwIfAborted(signal);
  onEvent({ event: "models", models: names, skipped: [] });
  await importScores({ out: options.out, texts, models, settings, replace: force });
  tellWarnings(read, warnings, onEvent);
  return { models: read.map((model, i) => ({ model: names[i] ?? "", file: model.file, format: model.format, ...sizeOf(model), warnings: warnings(model) })) };
}

async function textsOf(folder: RunFolder, record: RunRecord | null, { texts = null, signal }: ImportOptions): Promise<TextSet> {
  if (texts !== null) return typeof texts === "string" ? await readTextSet(texts, signal ? { signal } : {}) : texts;
  if (record !== null) return await readTexts(folder.texts, record.texts.name);
  throw new LlmapError("ERR_USAGE", `${folder.directory} holds no run yet, so the texts must be named: --texts FILE, the set that the models were scored on.`);
}

/** A folder without a run takes the first policy that is known. Flash attention and cache are matters of llama.cpp: those of this package. */
function newSettings(known: readonly (BosPolicy | null)[]): SharedSettings {
  const settings = sharedSettings(defaultScoringOptions);
  return { ...settings, bos: known.find((policy) => policy !== null) ?? settings.bos };
}

/** Errors: ERR_SCORES for a model without a name, or two of one. */
async function namesOf(read: readonly ReadModel[], given: string | readonly string[] | null, signal: AbortSignal | undefined): Promise<string[]> {
  const list = typeof given === "string" ? (await readNames(given, signal)).models : given;
  if (list !== null && list.length !== read.length) {
    throw new LlmapError("ERR_USAGE", `Expected ${read.length} names (--names), one per model in the order of the files, but received ${list.length}.`);
  }
  const places = new Map<string, ReadModel>();
  return read.map((model, i) => {
    const name = list === null ? model.name : (list[i] ?? null);
    if (name === null || name.trim() === "") throw scoresError(model.file, model.line, "a name for each model (in the file, or by --names)", "none");
    const other = places.get(name);
    if (other !== undefined) {
      const place = other.line === null ? other.file : `${other.file} line ${other.line}`;
      throw scoresError(model.file, model.line, "a name of its own for each model (--names gives them others)", `${name} again, after ${place}`);
    }
    places.set(name, model);
    return name;
  });
}

function policyWarnings(policy: BosPolicy | null, run: BosPolicy): string[] {
  if (policy === run) return [];
  const effect = "Where one model's first token is scored and another's is not, they are farther apart by that much.";
  return policy === null
    ? [`It is not known what stood in front of its texts (--bos says it); the run's BOS policy is ${run}. ${effect}`]
    : [`It was scored with the BOS policy ${policy}, the run with ${run}. ${effect}`];
}

/** Once for each file. */
function tellWarnings(read: readonly ReadModel[], warnings: (model: ReadModel) => string[], onEvent: NonNullable<ImportOptions["onEvent"]>): void {
  for (const [file, model] of new Map(read.map((one) => [one.file, one]))) {
    for (const message of warnings(model)) onEvent({ event: "warning", model: file, message });
  }
}

function sizeOf({ logLikelihood, tokens }: ReadModel): Pick<ImportSummary, "texts" | "meanLogLikelihood"> {
  let [texts, sum] = [0, 0];
  logLikelihood.forEach((value, text) => {
    if ((tokens[text] ?? 0) < 2) return;
    texts++;
    sum += value;
  });
  return { texts, meanLogLikelihood: sum / texts };
}
