import { expect, it } from "vitest";
import { linkage } from "../../../lib/map/linkage.js";
import { newick } from "../../../lib/map/newick.js";
import { groupedDistances, squareRoots } from "../../helpers/grouped-points.js";

it("writes the tree with half the heights, and quotes names", () => {
  const merges = [
    { a: 0, b: 2, height: 1, size: 2 },
    { a: 1, b: 3, height: 3, size: 3 },
  ];
  expect(newick(merges, ["a'b", "c(d),:;", "e\nf"])).toBe("('c(d),:;':1.5,('a''b':0.5,'e f':0.5):1);\n");
  expect(newick([], ["only"])).toBe("'only';\n");
});

it("puts every model at the same depth, half the height of the root", async () => {
  const count = 40;
  const merges = await linkage(squareRoots(await groupedDistances(4, count, 5, 3)), "average");
  const text = newick(merges, Array.from({ length: count }, (_, i) => `m${i}`));
  const depths: number[] = [];
  // Read from the right, where a cluster's branch length comes before the cluster.
  const above: number[] = [];
  let depth = 0;
  for (const token of text.match(/\)(:[\d.e-]+)?|\(|'m\d+':[\d.e-]+/g)?.reverse() ?? []) {
    const length = Number(token.split(":")[1] ?? 0);
    if (token.startsWith(")")) {
      above.push(depth);
      depth += length;
    } else if (token === "(") {
      depth = above.pop() ?? NaN;
    } else {
      depths.push(depth + length);
    }
  }
  expect(depths).toHaveLength(count);
  for (const found of depths) expect(found).toBeCloseTo((merges.at(-1)?.height ?? NaN) / 2, 10);
});
