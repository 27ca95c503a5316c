/**
 * Nested cross-validation of ridge regression (5 seeds x 5 outer folds x (5 inner + 1) fits, nine penalties) against scikit-learn's RidgeCV on the same
 * folds, from the coordinates on; and how far the predictions of both differ.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fitRidge, shuffledFolds, squaredDistances } from "../../dist/index.js";
import { seededRandom } from "../../dist/random.js";
import { rounded, say, threads } from "../report.mjs";

const folds = 5;

/** A score that depends on the coordinates, with noise. */
function labelsOf({ rows, columns, values }, random) {
  const weights = Float64Array.from({ length: 20 }, () => random() - 0.5);
  return Float64Array.from({ length: rows }, (_, i) => 50 + weights.reduce((sum, weight, s) => sum + weight * values[i * columns + s], 0) / 20 + 4 * (random() - 0.5));
}

const divisions = (rows, foldOf) =>
  Array.from({ length: folds }, (_, fold) => ({ training: rows.filter((_row, i) => foldOf[i] !== fold), test: rows.filter((_row, i) => foldOf[i] === fold) }));

export async function run(bench) {
  const [rows, columns, repeats] = bench.quick ? [400, 2000, 2] : [1018, 10_000, 5];
  const path = await bench.dataFile(rows, columns);
  const matrix = { rows, columns, values: await bench.values(rows, columns) };
  const random = seededRandom(1);
  const labels = labelsOf(matrix, random);
  const all = Int32Array.from({ length: rows }, (_, i) => i);
  const fits = Array.from({ length: repeats }, () => divisions(all, shuffledFolds(rows, folds, random))).flat();
  for (const fit of fits) fit.inner = divisions(fit.training, shuffledFolds(fit.training.length, folds, random));
  const foldsPath = join(bench.folder, "ridge.json");
  const plainDivision = ({ training, test }) => ({ training: Array.from(training), test: Array.from(test) });
  const plainFits = fits.map((fit) => ({ ...plainDivision(fit), inner: fit.inner.map(plainDivision) }));
  let found = [];
  const peer = "scikit-learn, RidgeCV";
  const fitAll = async () => (found = await fitRidge(await squaredDistances(matrix, { threads }), labels, fits, { choice: "highest-r2", threads }));
  await fitAll();
  writeFileSync(foldsPath, JSON.stringify({ labels: Array.from(labels), fits: plainFits, ours: found.map(({ alpha, predictions }) => ({ alpha, predictions: Array.from(predictions) })) }));
  const values = await bench.compare({
    group: "ridge",
    case: `ridge, ${rows.toLocaleString("en-US")} x ${columns.toLocaleString("en-US")}, ${repeats} x 5 x 6 fits`,
    ours: async () => fitAll,
    peers: { [peer]: { function: "ridge_cv", parameters: { path, rows, columns, folds: foldsPath } } },
    runs: bench.quick ? bench.runs : 1,
    conditions: { penalties: 9 },
  });
  const chosen = [...new Set(found.map(({ alpha }) => alpha))].sort((a, b) => a - b).map((alpha) => alpha.toExponential().replace("e+", "e"));
  const difference = values?.[peer];
  say(`${"".padEnd(44)} penalties ${chosen.join(", ")}${difference === undefined ? "" : `; largest difference of a prediction ${rounded(difference)} of the labels' sd`}`);
}
