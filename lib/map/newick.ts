/** The tree in the Newick format, which tree viewers read. */
import type { Merge } from "./linkage.js";

/**
 * A rooted tree with branch lengths: a cluster lies at half its height, so that along the branches two models are as far apart as the
 * height at which they join. Names are quoted, with single quotes doubled; control characters, which no viewer expects, become blanks.
 * @param merges K - 1 merges of K models (see linkage)
 * @param names K
 */
export function newick(merges: readonly Merge[], names: readonly string[]): string {
  const count = names.length;
  const heightOf = (cluster: number): number => merges[cluster - count]?.height ?? 0;
  const nodes = names.map(quoted);
  for (const { a, b, height } of merges) {
    const branch = (child: number): string => `${nodes[child] ?? ""}:${(height - heightOf(child)) / 2}`;
    nodes.push(`(${branch(a)},${branch(b)})`);
  }
  return `${nodes.at(-1) ?? ""};\n`;
}

function quoted(name: string): string {
  // eslint-disable-next-line no-control-regex -- these are what is to be found
  return `'${name.replaceAll(/[\u0000-\u001f\u007f]/g, " ").replaceAll("'", "''")}'`;
}
