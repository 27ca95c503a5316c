/** Reports to test and look at: models as points in a space, so that their divergences, places and nearest models agree. */
import { encodeColour, encodeShape, encodeSize } from "../../../lib/report/chart/encoding.js";
import { emphasis, type MapPicture } from "../../../lib/report/chart/map-option.js";
import { lightTheme } from "../../../lib/report/chart/theme.js";
import type { ReportData, ReportModel } from "../../../lib/report/report-data.js";
import { klScale } from "../../../lib/matrix/kl-scale.js";
import { nearestModels } from "../../../lib/matrix/neighbours.js";
import { normal, randomIndex, seededRandom } from "../../../lib/random.js";

/** Names and places whose squared distances have the size of those of small real models, in bits/byte. */
const family: [name: string, quantization: string, cluster: number, place: number[]][] = [
  ["base-f16", "F16", 0, [-2.4, 0.6, 0, 0]],
  ["base-q8_0", "Q8_0", 0, [-2.39, 0.61, 0, 0]],
  ["base-q5_0", "Q5_0", 0, [-2.33, 0.67, 0.03, 0]],
  ["base-q4_0", "Q4_0", 0, [-2.25, 0.5, 0.1, 0]],
  ["base-step200-q8_0", "Q8_0", 0, [-1.1, 3.9, 2.6, 0.4]],
  ["base-ft-code-q8_0", "Q8_0", 0, [-3.1, -1.2, 1.1, 0]],
  ["base-ft-code-q4_0", "Q4_0", 0, [-3.0, -1.34, 1.2, 0.1]],
  ["base-ft-german-q8_0", "Q8_0", 0, [-1.6, 1.5, -3.1, 0.7]],
  ["base-seed2-q8_0", "Q8_0", 0, [-1.4, 2.6, 0.9, 1.6]],
  ["small-f16", "F16", 0, [0.4, 2.9, 1.9, -2.2]],
  ["gpt2b-f16", "F16", 1, [4.6, 0.2, 0.4, 0.9]],
  ["gpt2b-ft-french-f16", "F16", 1, [5.3, -2.2, 0.8, -0.6]],
];

const unplaced = { trajectory: null, klToReference: null, pareto: null, prediction: null, added: false, estimated: false } as const;

/** Twelve models, or the first few of them. */
export function familyReport(count = family.length): ReportData {
  const chosen = family.slice(0, count);
  const models = chosen.map(([name, quantization, cluster], i): ReportModel => {
    const gpt2 = name.startsWith("gpt2");
    return {
      name,
      ...unplaced,
      cluster: count > 3 ? cluster : null,
      meanLogLikelihood: -1180.25 - 31.5 * i,
      bitsPerByte: 2.61 + 0.07 * i,
      labels: { recipe: name.includes("-ft-") ? "fine-tuned" : "pretrained" },
      architecture: gpt2 ? "gpt2" : "llama",
      title: gpt2 ? "GPT-2 b" : null,
      parameters: name === "small-f16" ? 164_000 : 940_000,
      quantization,
      bytes: quantization === "F16" ? 1_900_928 : 1_025_440,
      contextLength: 1024,
      vocabularySize: gpt2 ? 512 : 1024,
      bosPolicy: "BOS",
      backend: "CPU",
      fallback: null,
      truncatedTexts: gpt2 ? 3 : 0,
      warnings: gpt2 ? ["3 texts are longer than the trained context of 1024 tokens and were cut"] : [],
    };
  });
  return report(
    models,
    chosen.map(([, , , place]) => place),
  );
}

/** Many models in clouds of uneven size, in a space of six dimensions. */
export function cloudReport(count: number): ReportData {
  const random = seededRandom(7);
  const clouds = 8;
  const centres = Array.from({ length: clouds }, () => Array.from({ length: 6 }, () => 1.3 * normal(random)));
  const quantizations = ["F16", "Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q3_K_M", "Q2_K"];
  const architectures = ["llama", "qwen3", "gemma3", "gpt2", "mamba", "phi3", "mistral3", "olmo2", "falcon"];
  const places: number[][] = [];
  const models = Array.from({ length: count }, (_, i): ReportModel => {
    const cloud = Math.floor(clouds * random() ** 1.5);
    const place = (centres[cloud] ?? []).map((value, axis) => value + (axis < 2 ? 0.35 : 0.2) * normal(random));
    places.push(place);
    const architecture = architectures[cloud % architectures.length] ?? "llama";
    const quantization = quantizations[i % quantizations.length] ?? null;
    const parameters = 10 ** (8 + 2.5 * random());
    return {
      name: `${architecture}-${(parameters / 1e9).toFixed(1)}b-${["chat", "base", "code", "math"][i % 4] ?? ""}-${i}-${quantization ?? ""}`,
      ...unplaced,
      cluster: cloud,
      meanLogLikelihood: -900 - 400 * random(),
      bitsPerByte: 0.7 + 0.4 * random(),
      labels: {},
      architecture,
      title: null,
      parameters,
      quantization,
      bytes: parameters * 0.6,
      contextLength: 32_768,
      vocabularySize: 151_936,
      bosPolicy: i % 3 === 0 ? "none" : "BOS",
      backend: "CUDA (NVIDIA H100)",
      fallback: null,
      truncatedTexts: 0,
      warnings: [],
    };
  });
  return report(models, places);
}

/** @param places coordinates of the models; their squared distances are the divergences, the first two the map */
function report(models: ReportModel[], places: number[][]): ReportData {
  const square = (i: number, j: number): number =>
    (places[i] ?? []).reduce((sum, value, axis) => sum + (value - (places[j]?.[axis] ?? 0)) ** 2, 0);
  const spread = (axis: number): number => {
    const values = places.map((place) => place[axis] ?? 0);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  };
  const total = (places[0] ?? []).reduce((sum, _, axis) => sum + spread(axis), 0);
  const single = models.length === 1;
  const kl = Float64Array.from({ length: models.length ** 2 }, (_, at) => square(Math.floor(at / models.length), at % models.length));
  const axis = (number: number): Float32Array => Float32Array.from(places, (place) => place[number] ?? 0);
  return {
    title: single ? `Scores of ${models[0]?.name ?? ""}` : `Map of ${models.length} language models`,
    createdAt: "2025-11-24T02:30:00.000Z",
    versions: { "llmap-native": "0.1.0", "node-llama-cpp": "3.22.1", "llama.cpp": "b7100", node: "20.20.2" },
    settings: { "BOS policy": "auto", "Flash attention": "off", "KV cache": "F16", Scorer: "native" },
    texts: {
      name: "demo texts",
      count: 240,
      leftOut: 1,
      meanBytes: 742.3,
      hash: "9f2c1c7c6a0ad0f9e1f1c2b7f0f3f7f59f2c1c7c6a0ad0f9e1f1c2b7f0f3f7f5",
      sources: [
        { source: "man-en", count: 80 },
        { source: "python", count: 80 },
        { source: "kjv", count: 80 },
      ],
    },
    clip: single ? null : { quantile: 0.02, threshold: -3124.71, share: 0.02 },
    maps: single
      ? []
      : [{ method: "mds", unit: "sqrt(bits/byte)", explained: [spread(0) / total, spread(1) / total], settings: [], x: axis(0), y: axis(1), z: null, ellipses: null }],
    models,
    kl: single ? null : kl,
    neighbours: neighboursOf(kl, models.length),
    bootstrap: single ? null : { resamples: 200, confidence: 0.95, seed: 42 },
    noiseFloor: { bitsPerByte: 1e-9, from: "default" },
    relations: single || models.length > 100 ? null : klScale(models, kl),
    sources: sourcesOf(models),
    tree: single ? null : chainOf(models.length),
    reference: null,
    predictions: null,
    sample: sampleOf(models.length),
    tokens: null,
    failed: [{ name: "broken", path: "/models/broken.gguf", reason: "The header ends after 20 bytes. Fetch the file again." }],
    skipped: [{ path: "/models/mmproj-f16.gguf", reason: "a projector, not a language model" }],
  };
}

const listed = 3;

/** The nearest models of each, with an interval of a tenth around each divergence. */
function neighboursOf(kl: Float64Array, count: number): ReportData["neighbours"] {
  const found = Array.from({ length: count }, (_, row) => nearestModels(kl, count, row, listed));
  const numbers = (value: (neighbour: { model: number; kl: number }) => number, none: number): number[] =>
    found.flatMap((near) => Array.from({ length: listed }, (_, rank) => (near[rank] === undefined ? none : value(near[rank]))));
  return {
    count: listed,
    models: Int32Array.from(numbers(({ model }) => model, -1)),
    kl: Float32Array.from(numbers((near) => near.kl, NaN)),
    low: Float32Array.from(numbers((near) => 0.9 * near.kl, NaN)),
    high: Float32Array.from(numbers((near) => 1.1 * near.kl, NaN)),
  };
}

function sourcesOf(models: readonly ReportModel[]): ReportData["sources"] {
  return {
    names: ["man-en", "python", "kjv"],
    texts: Int32Array.of(80, 80, 80),
    bytes: Float64Array.of(59_000, 60_000, 59_152),
    bitsPerByte: Float32Array.from(models.flatMap(({ bitsPerByte }) => [bitsPerByte - 0.2, bitsPerByte, bitsPerByte + 0.2])),
    leftOut: 0,
  };
}

/** The first two models are joined, then one after the other joins them. */
function chainOf(count: number): NonNullable<ReportData["tree"]> {
  const merges = Array.from({ length: count - 1 }, (_, merge) => (merge === 0 ? [0, 1] : [merge + 1, count + merge - 1]));
  return { linkage: "average", children: Int32Array.from(merges.flat()), heights: Float32Array.from(merges, (_, merge) => merge + 1) };
}

function sampleOf(models: number): ReportData["sample"] {
  const random = seededRandom(3);
  const count = 24;
  const values = Float64Array.from({ length: models * count }, () => -900 - randomIndex(random, 400) - random());
  return {
    positions: Int32Array.from({ length: count }, (_, i) => 10 * i),
    contents: Array.from({ length: count }, (_, i) => `Text ${i} of the sample.`),
    cut: Array.from({ length: count }, () => false),
    sources: Array.from({ length: count }, (_, i) => ["man-en", "python", "kjv"][i % 3] ?? ""),
    bytes: new Int32Array(count).fill(742),
    logLikelihood: (model, text) => values[model * count + text] ?? NaN,
  };
}

/** Divergence of two models by their places in the report, bits/byte. */
export function klOf({ kl, models }: ReportData, one: number, other: number): number {
  return kl?.[one * models.length + other] ?? NaN;
}

/** The map of a report, all models alike. */
export function plainPicture({ models, maps: [map] }: ReportData): MapPicture {
  if (map === undefined) throw new Error("The report has no map.");
  return {
    names: models.map(({ name }) => name),
    places: map,
    unit: map.unit,
    klOfUnit: 1,
    colours: encodeColour(models, null, lightTheme).colours,
    shapes: encodeShape(models, null).shapes,
    radii: encodeSize(models, null).radii,
    emphasis: new Uint8Array(models.length).fill(emphasis.plain),
    shown: null,
    ellipses: null,
    paths: [],
    edges: [],
    labels: true,
  };
}
