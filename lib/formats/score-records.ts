/**
 * JSONL files of one model with one record per text: the log-likelihoods of the method's authors
 * (https://github.com/shimo-lab/modelmap) and the per-sample logs of lm-evaluation-harness (--log_samples).
 */
import { messageOf } from "../errors.js";
import { excerpt } from "../texts/texts-error.js";
import type { Line } from "./lines.js";
import { scoresError } from "./scores-error.js";

/** modelmap: of the authors; lm-eval: of lm-evaluation-harness. */
export type RecordFormat = "modelmap" | "lm-eval";

export interface ScoreRecord {
  line: number;
  /** Number of the text in the set that the model was scored on, from 0. */
  index: number;
  /** The text itself; null where the record does not have it. */
  text: string | null;
  /** Nats. */
  logLikelihood: number;
  /** Length of the sequence, the first token included; null where the record does not say. */
  tokens: number | null;
}

type Fields = Record<string, unknown>;
type Fail = (expected: string, found: string) => Error;

/** Reads one line. Errors: ERR_SCORES with file and line. */
export function parseScoreRecord({ line, text }: Line, file: string): ScoreRecord & { format: RecordFormat } {
  const fail: Fail = (expected, found) => scoresError(file, line, expected, found);
  const fields = fieldsOf(text, fail);
  if ("log-likelihood" in fields) return { format: "modelmap", line, ...modelmapRecord(fields, fail) };
  if ("filtered_resps" in fields || "resps" in fields) return { format: "lm-eval", line, ...lmEvalRecord(fields, fail) };
  throw fail('a record with "log-likelihood" (modelmap) or "filtered_resps" (lm-evaluation-harness)', `the fields ${Object.keys(fields).slice(0, 8).join(", ") || "(none)"}`);
}

function fieldsOf(json: string, fail: Fail): Fields {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    // Python writes what JSON does not have.
    const name = /[:[,]\s*(NaN|-?Infinity)\b/.exec(json)?.[1];
    throw fail("a JSON object", name === undefined ? `what is not JSON (${messageOf(error).replaceAll(/\s+/g, " ")})` : `${name}, which cannot be mapped`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw fail("a JSON object", Array.isArray(value) ? "an array" : typeof value);
  return value as Fields;
}

/** How far the sum of token-log-probs may be from log-likelihood, relative: both are float64, added up in some order. */
const sumTolerance = 1e-6;

function modelmapRecord(fields: Fields, fail: Fail): Omit<ScoreRecord, "line"> {
  const index = wholeNumber(fields, "index", fail);
  const tokens = wholeNumber(fields, "num-tokens", fail);
  const logLikelihood = finiteNumber(fields["log-likelihood"], '"log-likelihood"', fail);
  const logProbs = fields["token-log-probs"];
  if (Array.isArray(logProbs)) {
    if (logProbs.length !== tokens - 1) throw fail(`${tokens - 1} "token-log-probs", one fewer than "num-tokens"`, String(logProbs.length));
    const sum = logProbs.reduce((total: number, value: unknown) => total + finiteNumber(value, 'in "token-log-probs"', fail), 0);
    if (!(Math.abs(sum - logLikelihood) <= sumTolerance * Math.max(1, Math.abs(logLikelihood)))) {
      throw fail(`"log-likelihood" to be the sum of "token-log-probs", ${sum}`, String(logLikelihood));
    }
  }
  return { index, text: null, logLikelihood, tokens };
}

/**
 * The rolling log-likelihood of a text is the one answer to the one request of its document, a number or, in files, a text with a number. The
 * request's one argument is the text.
 */
function lmEvalRecord(fields: Fields, fail: Fail): Omit<ScoreRecord, "line"> {
  const index = wholeNumber(fields, "doc_id", fail);
  const argument = soleArgument(fields["arguments"]);
  let answer: unknown = fields["filtered_resps"] ?? fields["resps"];
  while (Array.isArray(answer) && answer.length === 1) answer = answer[0];
  if (Array.isArray(answer)) {
    throw fail("one rolling log-likelihood (output_type: loglikelihood_rolling)", `${answer.length} answers, as other kinds of tasks have`);
  }
  if (argument === undefined) throw fail('one text in "arguments" (output_type: loglikelihood_rolling)', "a request with several arguments, as other kinds of tasks have");
  const isNumeral = typeof answer === "string" && answer.trim() !== "" && Number.isFinite(Number(answer));
  return { index, text: argument, logLikelihood: finiteNumber(isNumeral ? Number(answer) : answer, '"filtered_resps"', fail), tokens: null };
}

/** The text of `[["text"]]` or `{"gen_args_0": {"arg_0": "text"}}`; null where there are no arguments, undefined where there are others. */
function soleArgument(value: unknown): string | null | undefined {
  if (value === undefined || value === null) return null;
  let inner: unknown = value;
  while (typeof inner === "object" && inner !== null) {
    const parts: unknown[] = Object.values(inner);
    if (parts.length !== 1) return undefined;
    inner = parts[0];
  }
  return typeof inner === "string" ? inner : undefined;
}

function wholeNumber(fields: Fields, name: string, fail: Fail): number {
  const value = fields[name];
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw fail(`a whole number in "${name}"`, excerpt(value));
}

function finiteNumber(value: unknown, where: string, fail: Fail): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw fail(`a finite number ${where.startsWith("in ") ? where : `in ${where}`}`, excerpt(value));
}
