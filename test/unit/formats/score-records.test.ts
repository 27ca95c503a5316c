import { describe, expect, it } from "vitest";
import { readLines } from "../../../lib/formats/lines.js";
import { parseScoreRecord } from "../../../lib/formats/score-records.js";
import { fileOf } from "../../helpers/score-files.js";

const parse = (record: object | string) =>
  parseScoreRecord({ line: 7, text: typeof record === "string" ? record : JSON.stringify(record) }, "scores.jsonl");

describe("parseScoreRecord", () => {
  const modelmap = { index: 3, "num-tokens": 3, "log-likelihood": -4.5, "token-log-probs": [-1.5, -3] };
  const lmEval = { doc_id: 3, doc: { page: "A text." }, target: "A text.", arguments: [["A text."]], resps: [[-4.5]], filtered_resps: [-4.5], word_perplexity: [-4.5, 2] };

  it("reads the records of the method's authors", () => {
    expect(parse(modelmap)).toEqual({ format: "modelmap", line: 7, index: 3, text: null, logLikelihood: -4.5, tokens: 3 });
    expect(parse({ index: 0, "num-tokens": 1, "log-likelihood": 0, "token-log-probs": [] })).toMatchObject({ tokens: 1, logLikelihood: 0 });
  });

  it("reads the samples of lm-evaluation-harness, with numbers and, as its newer versions write them, with texts", () => {
    const read = { format: "lm-eval", line: 7, index: 3, text: "A text.", logLikelihood: -4.5, tokens: null };
    expect(parse(lmEval)).toEqual(read);
    expect(parse({ ...lmEval, arguments: { gen_args_0: { arg_0: "A text." } }, resps: [["-4.5"]], filtered_resps: ["-4.5"] })).toEqual(read);
    expect(parse({ doc_id: 3, resps: [[-4.5]] })).toEqual({ ...read, text: null });
  });

  it("refuses what is not a finite log-likelihood of a text, with the line", () => {
    expect(() => parse({ ...modelmap, index: -1 })).toThrow('scores.jsonl line 7: expected a whole number in "index", found -1');
    expect(() => parse({ ...modelmap, "num-tokens": 4 })).toThrow('expected 3 "token-log-probs"');
    expect(() => parse({ ...modelmap, "log-likelihood": -4.4 })).toThrow("the sum of");
    expect(() => parse('{"index": 3, "num-tokens": 3, "log-likelihood": NaN}')).toThrow("found NaN, which cannot be mapped");
    expect(() => parse({ ...modelmap, "log-likelihood": null })).toThrow('a finite number in "log-likelihood", found null');
    expect(() => parse("[1]")).toThrow("expected a JSON object, found an array");
    expect(() => parse('{"index": 3')).toThrow("what is not JSON");
    expect(() => parse({ text: "no scores" })).toThrow("found the fields text");
  });

  it("refuses samples of tasks that are no rolling log-likelihoods", () => {
    expect(() => parse({ ...lmEval, filtered_resps: [[-3, false], [-4, false]] })).toThrow("found 2 answers");
    expect(() => parse({ ...lmEval, filtered_resps: [["-3.0", "False"]] })).toThrow("loglikelihood_rolling");
    expect(() => parse({ ...lmEval, arguments: [["context", " continuation"]] })).toThrow("several arguments");
    expect(() => parse({ ...lmEval, filtered_resps: ["a generated text"] })).toThrow('in "filtered_resps", found "a generated text"');
  });
});

describe("readLines", () => {
  const read = async (content: string | Uint8Array): Promise<[number, string][]> => {
    const lines: [number, string][] = [];
    for await (const { line, text } of readLines(fileOf("a.jsonl", content))) lines.push([line, text]);
    return lines;
  };

  it("ends lines at LF and CRLF only, counts blank ones, and needs no last line end", async () => {
    expect(await read('\uFEFF"a"\r\n\n"b\u2028c"\n"d"')).toEqual([[1, '"a"'], [3, '"b\u2028c"'], [4, '"d"']]);
    expect(await read("")).toEqual([]);
  });

  it("puts lines together that are longer than what is read at once, characters of several bytes included", async () => {
    const long = "ü".repeat(2 ** 20);
    expect(await read(`x${long}\n${long}\n`)).toEqual([[1, `x${long}`], [2, long]]);
  });
});
