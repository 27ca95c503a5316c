/**
 * npm run bench:matrix [-- --json] [-- --quick] [-- --group NAME]: the matrix functions against numpy, scipy and scikit-learn on the same data
 * with the same number of threads; medians of interleaved runs. A group of cases is one file bench/matrix/NAME.mjs, its peers are functions in bench/matrix/NAME.py;
 * add it to the groups below. Peers run in Debian's Python (/usr/bin/python3) or the one that LLMAP_PYTHON names.
 */
import { createMatrixBench } from "./matrix/harness.mjs";
import * as components from "./matrix/components.mjs";
import * as linkage from "./matrix/linkage.mjs";
import * as neighbours from "./matrix/neighbours.mjs";
import * as pipeline from "./matrix/pipeline.mjs";
import * as ridge from "./matrix/ridge.mjs";
import * as tsne from "./matrix/tsne.mjs";
import { group } from "./report.mjs";

const groups = { pipeline, neighbours, components, tsne, linkage, ridge };

const bench = await createMatrixBench();
try {
  for (const [name, { run }] of Object.entries(groups)) {
    if (group === undefined || group === name) await run(bench);
  }
} finally {
  await bench.close();
}
