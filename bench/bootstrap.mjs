/**
 * npm run bench:bootstrap [-- --json] [-- --quick]: what the intervals of neighbours.arrow and the ellipses of the map cost, and how much the ends of
 * an interval move from seed to seed with few resamples: the reasons for the defaults. There is no peer.
 */
import { bootstrapEllipses, ellipseResamples } from "../dist/map/bootstrap-ellipses.js";
import { drawResamples } from "../dist/matrix/bootstrap.js";
import { klIntervals } from "../dist/matrix/kl-intervals.js";
import { allocateMatrix } from "../dist/native/matrix.js";
import { normal, randomIndex, seededRandom } from "../dist/random.js";
import { median, plural, quick, report, say } from "./report.mjs";

const texts = 10_000;
const nearest = 10;
const random = seededRandom(1);
const runs = quick ? 1 : 3;

/** Standard normal differences between rows: KL divergences of 1 / (2 B ln 2) times 2. */
function matrixOf(models) {
  const matrix = allocateMatrix(models, texts);
  for (let i = 0; i < matrix.values.length; i++) matrix.values[i] = normal(random);
  return matrix;
}

async function seconds(work) {
  const times = [];
  for (let run = 0; run < runs; run++) {
    const started = performance.now();
    await work();
    times.push((performance.now() - started) / 1000);
  }
  return median(times);
}

const bytes = new Float64Array(texts).fill(1000);
const large = matrixOf(quick ? 300 : 1018);
const pairs = Int32Array.from({ length: 2 * nearest * large.rows }, () => randomIndex(random, large.rows));
say(`Medians of ${plural(runs, "run")}, ${texts.toLocaleString("en-US")} texts.\n`);
for (const resamples of quick ? [200] : [100, 200, 1000]) {
  const drawn = drawResamples(texts, resamples, 42);
  const ours = await seconds(() => klIntervals(large, pairs, bytes, drawn, 0.95));
  report({ bench: "bootstrap", case: `intervals, ${large.rows} models x ${nearest}, ${resamples} resamples`, ours, peer: null, peer_name: null, unit: "s", conditions: { runs, texts } });
}

for (const models of quick ? [50] : [50, 220, 440]) {
  const Q = { rows: models, columns: texts, values: large.values.slice(0, models * texts) };
  const drawn = drawResamples(texts, 200, 42);
  const count = ellipseResamples("mds", models, drawn);
  const map = { method: "mds", x: Float64Array.from({ length: models }, () => normal(random)), y: Float64Array.from({ length: models }, () => normal(random)) };
  const ours = await seconds(() => bootstrapEllipses(Q, map, bytes, drawn, count, 0.95));
  report({ bench: "bootstrap", case: `ellipses, ${models} models, ${count} resamples`, ours, peer: null, peer_name: null, unit: "s", conditions: { runs, texts } });
}

for (const resamples of [100, 200, 1000]) {
  const widths = [];
  const lows = [];
  for (let seed = 0; seed < (quick ? 10 : 40); seed++) {
    const [{ low, high }] = await klIntervals(large, Int32Array.of(0, 1), bytes, drawResamples(texts, resamples, seed), 0.95);
    widths.push(high - low);
    lows.push(low);
  }
  const mean = lows.reduce((sum, low) => sum + low, 0) / lows.length;
  const sd = Math.sqrt(lows.reduce((sum, low) => sum + (low - mean) ** 2, 0) / (lows.length - 1));
  report({ bench: "bootstrap", case: `scatter of the lower end from seed to seed, ${resamples} resamples`, ours: (100 * sd) / median(widths), peer: null, peer_name: null, unit: "% of the width", conditions: { seeds: lows.length, texts } });
}
