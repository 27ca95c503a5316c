/**
 * npm run bench:report: time and size of the pictures of a run, without a browser; size of report.html, time to load it and time to redraw its map, in headless Chromium, for 12 to 10,000 models made up as points in
 * a space (their places, divergences, neighbours and tree agree with each other). Run `npm run build` first; CHROMIUM_PATH names another Chromium.
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { linkage } from "../dist/map/linkage.js";
import { klScale } from "../dist/matrix/kl-scale.js";
import { nearestModels } from "../dist/matrix/neighbours.js";
import { allocateMatrix } from "../dist/native/matrix.js";
import { normal, seededRandom } from "../dist/random.js";
import { renderMapSvg } from "../dist/report/map-svg.js";
import { renderHeatMapSvg } from "../dist/report/pictures/heat-map-svg.js";
import { renderParetoSvg } from "../dist/report/pictures/pareto-svg.js";
import { createRasteriser } from "../dist/report/pictures/rasterise.js";
import { renderTreeSvg } from "../dist/report/pictures/tree-svg.js";
import { sampleTexts } from "../dist/report/text-sample.js";
import { treeOrder } from "../dist/report/tree-order.js";
import { renderReport } from "../dist/report/write-report.js";
import { median, quick, report, say } from "./report.mjs";

/** Models and texts: a first run with the built-in texts, then runs with texts as many as the method's authors use. */
const sizes = [[12, 180], ...(quick ? [12, 200, 1000] : [12, 200, 1000, 10_000]).map((count) => [count, 10_000])];
const pictureCounts = quick ? [12, 1000] : [12, 1000, 5000];
const loads = quick ? 3 : 7;
const drawings = quick ? 1 : 3;
const redraws = quick ? 9 : 31;
const dimensions = 8;
const sourceNames = Array.from({ length: 22 }, (_, i) => `source ${i}`);

/** What a run of `count` models and `texts` texts would give the page; with every part as large as it can be. */
async function reportOf(count, texts) {
  const random = seededRandom(count);
  const families = Math.max(2, Math.round(count / 40));
  const centres = Array.from({ length: families }, () => Float64Array.from({ length: dimensions }, () => 0.9 * normal(random)));
  const family = Int32Array.from({ length: count }, (_, i) => i % families);
  const points = Array.from(family, (f) => centres[f].map((value) => value + 0.25 * normal(random)));
  const kl = allocateMatrix(count, count).values;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let d = 0; d < dimensions; d++) sum += (points[i][d] - points[j][d]) ** 2;
      kl[i * count + j] = kl[j * count + i] = sum;
    }
  }
  const distances = allocateMatrix(count, count);
  for (let at = 0; at < kl.length; at++) distances.values[at] = Math.sqrt(kl[at]);
  const merges = await linkage(distances, "average");
  const axis = (d) => Float32Array.from(points, (point) => point[d]);
  const map = (method, settings, ellipses) => ({ method, unit: "sqrt(bits/byte)", explained: method === "mds" ? [0.3, 0.2] : null, settings, x: axis(0), y: axis(1), z: axis(2), ellipses });
  const listed = Math.min(10, count - 1);
  const near = points.map((_, i) => nearestModels(kl, count, i, listed));
  const sources = Array.from({ length: texts }, (_, i) => sourceNames[i % sourceNames.length]);
  const sample = sampleTexts(sources, new Float64Array(texts).fill(972), count);
  const words = ["model", "language", "likelihood", "entropy", "vector", "of", "the", "a", "text", "and"];
  const content = () => Array.from({ length: 160 }, () => `${words[Math.floor(10 * random())]}${Math.floor(40 * random())}`).join(" ").slice(0, 972);
  return {
    title: `Map of ${count} language models`,
    createdAt: new Date(0).toISOString(),
    versions: { "llmap-native": "0" },
    settings: { "BOS policy": "auto" },
    texts: { name: "bench", count: texts, leftOut: 0, meanBytes: 972, hash: "0".repeat(64), sources: sourceNames.map((source) => ({ source, count: texts / 22 })) },
    clip: { quantile: 0.02, threshold: -3000, share: 0.02 },
    maps: [map("tsne", ["perplexity 30", "1000 iterations"], null), map("mds", [], Array.from({ length: count }, () => ({ major: 0.1, minor: 0.05, angle: random() })))],
    models: Array.from(points, (_, i) => ({
      name: `family${family[i]}-${(100 * random()).toFixed(1)}b-instruct-${i}-Q${2 + (i % 7)}_K_M`,
      trajectory: null, cluster: family[i] % 12, meanLogLikelihood: -900 - 400 * random(), bitsPerByte: 0.7 + random(),
      klToReference: kl[i], pareto: i % 9 === 0, added: false, estimated: false, labels: { family: `family${family[i]}`, score: (100 * random()).toFixed(2) },
      prediction: { actual: random(), predicted: random(), predictedSd: random(), grouped: random(), groupedSd: random(), leakage: random(), suspect: false },
      architecture: ["llama", "qwen3", "gemma3"][i % 3], title: `Family ${family[i]} Instruct ${i}`, parameters: Math.floor(1e11 * random()),
      quantization: `Q${2 + (i % 7)}_K_M`, bytes: Math.floor(1e11 * random()), contextLength: 32_768, vocabularySize: 151_936, bosPolicy: "BOS", backend: "CPU", fallback: null,
      truncatedTexts: 0, warnings: [],
    })),
    kl,
    neighbours: {
      count: listed,
      models: Int32Array.from(near.flat(), ({ model }) => model),
      kl: Float32Array.from(near.flat(), (entry) => entry.kl),
      low: Float32Array.from(near.flat(), (entry) => entry.kl * (1 - 0.1 * random())),
      high: Float32Array.from(near.flat(), (entry) => entry.kl * (1 + 0.1 * random())),
    },
    sources: {
      names: sourceNames, texts: new Int32Array(22).fill(Math.round(texts / 22)), bytes: new Float64Array(22).fill((texts * 972) / 22),
      bitsPerByte: Float32Array.from({ length: 22 * count }, () => 0.7 + random()), leftOut: 0,
    },
    tree: { linkage: "average", children: Int32Array.from(merges.flatMap(({ a, b }) => [a, b])), heights: Float32Array.from(merges, ({ height }) => height) },
    reference: null,
    predictions: { label: "score", family: "family", leakageLimit: 3, screen: { intercept: -1100, slope: 1 } },
    sample: {
      positions: sample, contents: Array.from(sample, content), cut: Array.from(sample, () => false), sources: Array.from(sample, (text) => sources[text]),
      bytes: new Int32Array(sample.length).fill(972), logLikelihood: () => -1500 + 300 * normal(random),
    },
    tokens: null,
    bootstrap: { resamples: 200, confidence: 0.95, seed: 42 },
    noiseFloor: { bitsPerByte: 1e-9, from: "default" },
    relations: count <= 2000 ? klScale(Array.from(points, (_, i) => ({ name: `m${i}`, labels: {}, quantization: null, parameters: i, architecture: ["llama", "qwen3", "gemma3"][i % 3] })), kl) : null,
    failed: [],
    skipped: [],
  };
}

/** Milliseconds from the start of the navigation until what the window shows is drawn ("drawn"), or all sections are made and drawn ("ready"). */
const timeUntil = (mark) => `new Promise((resolve) => {
  const look = () => document.documentElement.dataset.${mark} === undefined ? setTimeout(look, 1) : ${mark === "drawn" ? "resolve(performance.now())" : "requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now())))"};
  look();
})`;

/** Milliseconds of each frame in which the map was drawn anew, until its pixels are there. `act` is called before each. */
const redrawTimes = (act) => `(async () => {
  const surface = document.querySelector(".map-surface");
  const canvas = surface.querySelector("canvas");
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const times = [];
  for (let i = 0; i < ${redraws}; i++) {
    await frame();
    ${act}
    const start = await frame();
    canvas.getContext("2d").getImageData(0, 0, 1, 1);
    times.push(performance.now() - start);
  }
  return times;
})()`;
const key = (name) => `surface.dispatchEvent(new KeyboardEvent("keydown", { key: ${name} }));`;
const redrawCases = {
  "redraw, moved": key(`i % 2 === 0 ? "ArrowLeft" : "ArrowRight"`),
  "redraw, zoomed": key(`i % 2 === 0 ? "+" : "-"`),
  "redraw, moved, with lines to the nearest": `if (i === 0) document.querySelector("#map .toggle:last-child").click(); ${key(`i % 2 === 0 ? "ArrowLeft" : "ArrowRight"`)}`,
  "redraw, a category selected": `const entries = document.querySelectorAll("#map .legend button"); entries[i % 2].click();`,
};

/** Seconds that each picture takes, and its bytes. map.png includes drawing map.svg; the fonts of the machine are read once, before. */
async function benchPictures(count, rasteriser) {
  const whole = await reportOf(count, 10_000);
  const data = { ...whole, reference: whole.models[0].name, models: whole.models.map((model, i) => ({ ...model, klToReference: whole.kl[i] })) };
  const order = treeOrder(count, data.tree, (i, j) => data.kl[i * count + j]);
  const pictures = {
    "map.png": () => rasteriser.png(renderMapSvg(data), 1),
    "heatmap.png": () => rasteriser.png(renderHeatMapSvg(data, order), 1),
    "tree.svg": () => renderTreeSvg(data, order),
    "pareto.svg": () => renderParetoSvg(data),
  };
  for (const [name, draw] of Object.entries(pictures)) {
    const [times, sizes] = [[], []];
    for (let run = 0; run < drawings; run++) {
      const started = performance.now();
      const picture = draw();
      times.push((performance.now() - started) / 1000);
      sizes.push(Buffer.byteLength(picture));
    }
    const result = (what, ours, unit, runs) =>
      report({ bench: "report", case: `${count.toLocaleString("en")} models: ${name}${what}`, ours, peer: null, peer_name: null, unit, conditions: { models: count, runs } });
    result("", median(times), "s", drawings);
    result(", size", median(sizes) / 1e6, "MB", 1);
  }
}

const rasteriser = await createRasteriser();
for (const count of pictureCounts) await benchPictures(count, rasteriser);

const folder = mkdtempSync(join(tmpdir(), "llmap-page-"));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium", args: ["--headless", "--no-sandbox", "--disable-gpu"] });
try {
  say(`report.html in Chromium ${browser.version()}, window 1280 x 900; medians of ${loads} loads and ${redraws} redraws, the first map with the layers that it begins with`);
  for (const [count, texts] of sizes) {
    const path = join(folder, "report.html");
    writeFileSync(path, await renderReport(await reportOf(count, texts)));
    const conditions = { models: count, texts, chromium: browser.version() };
    const result = (name, ours, unit, runs) => report({ bench: "report", case: `${count.toLocaleString("en")} models, ${texts.toLocaleString("en")} texts: ${name}`, ours, peer: null, peer_name: null, unit, conditions: { ...conditions, runs } });
    result("size of the file", statSync(path).size / 1e6, "MB", 1);
    const [times, wholeTimes, busy] = [[], [], []];
    for (let load = 0; load < loads; load++) {
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
      const devTools = await page.context().newCDPSession(page);
      await devTools.send("Performance.enable", { timeDomain: "threadTicks" });
      await page.goto(pathToFileURL(path).href, { waitUntil: "commit" });
      times.push(await page.evaluate(timeUntil("drawn")));
      const { metrics } = await devTools.send("Performance.getMetrics");
      busy.push(metrics.find(({ name }) => name === "TaskDuration").value);
      wholeTimes.push(await page.evaluate(timeUntil("ready")));
      if (load === loads - 1) {
        result("loaded and drawn", median(times) / 1000, "s", loads);
        result("of that, processor time of the page", median(busy), "s", loads);
        result("with the sections below", median(wholeTimes) / 1000, "s", loads);
        for (const [name, act] of Object.entries(redrawCases)) result(name, median(await page.evaluate(redrawTimes(act))), "ms", redraws);
      }
      await page.close();
    }
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
