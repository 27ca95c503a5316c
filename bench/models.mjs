/** The models and texts of the benchmarks. Models with random weights are written once, into build/bench. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { llamaTools } from "./llama-tools.mjs";
import { writeRandomModel } from "./random-model.mjs";
import { leaveOut, only } from "./report.mjs";

const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));

/** The built-in texts: at most 1,024 bytes each. */
const texts = readFileSync(path("demo/texts.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line).text);
/** For models of one token a byte: the first quarter of each text, so that sequences are as long as with a tokenizer of words. */
const quarters = texts.map((text) => text.slice(0, Math.ceil(text.length / 4)));

function randomModel(vocabulary) {
  return {
    name: `random weights, vocabulary ${vocabulary.toLocaleString("en-US")}`,
    path: () => writeRandomModel(path(`build/bench/random-${vocabulary}x128.gguf`), { vocabulary }),
    contents: quarters,
  };
}

/** The shape of small published models: 100.1 million parameters, grouped keys and values, output layer and embeddings the same. */
const hundredMillion = { vocabulary: 32_000, width: 768, layers: 12, headSize: 64, keyValueHeads: 4, feedForward: 2048, tied: true };

function quantizedModel() {
  const target = path("build/bench/random-100M-q4_k_m.gguf");
  if (existsSync(target)) return target;
  const tools = llamaTools();
  if (tools.unavailable !== undefined) {
    leaveOut("the model of 100 million parameters", `llama-quantize makes it, and ${tools.unavailable}`);
    return null;
  }
  const source = writeRandomModel(path("build/bench/random-100M-f32.gguf"), hundredMillion);
  const unfinished = `${target}.unfinished`;
  const { status, stdout, stderr, error } = spawnSync(tools.quantize, [source, unfinished, "Q4_K_M"], { encoding: "utf8" });
  if (status !== 0) throw new Error(`llama-quantize failed on ${source}: ${error?.message ?? `${stdout}${stderr}`.trim().split("\n").at(-1)}`);
  renameSync(unfinished, target);
  rmSync(source);
  return target;
}

/** name; path(): the file's path, null where it cannot be made here; contents: the texts to score. */
export const models = {
  base: { name: "base-f16 (vocabulary 1,024)", path: () => path("demo/models/base-f16.gguf"), contents: texts },
  random512: randomModel(512),
  random32k: randomModel(32_000),
  random152k: randomModel(152_000),
  hundredMillion: { name: "100 million parameters, Q4_K_M", path: quantizedModel, contents: quarters },
};

/** Those of a list that --only leaves. */
export const chosen = (list) => list.filter((model) => only === null || only.some((key) => models[key] === model));
for (const key of only ?? []) if (!(key in models)) throw new Error(`Expected keys of ${Object.keys(models).join(", ")} for --only but received ${key}`);
