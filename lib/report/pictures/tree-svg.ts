/** tree.svg: the tree of the models with their names; of many models its upper part, each branch below the cut a wedge. */
import { dendrogram } from "../chart/dendrogram.js";
import { lightTheme as theme } from "../chart/theme.js";
import { roundStep } from "../chart/ticks.js";
import { formatInteger } from "../format.js";
import type { ReportData, ReportTree } from "../report-data.js";
import { groupedTree, middleModel, type TreeGroup } from "../tree-groups.js";
import { fitText, heading, headingHeight, legendWidth, letterWidth, pictureColours, pictureMargin, widestText } from "./figure-parts.js";
import { round, svg, svgDocument, svgLine, svgText, type Svg } from "./svg.js";

const mostRows = 150;
const rowHeight = 18;
const treeWidth = 560;
const barWidth = 26;
const widestName = 340;
const axisHeight = 56;

/** @param order of the models, by treeOrder @param kl K x K, bits/byte */
export function renderTreeSvg(data: ReportData & { tree: ReportTree; kl: Float64Array }, order: Int32Array): string {
  const { models } = data;
  const { groups, tree } = groupedTree(data.tree, order, mostRows);
  const { colours, legend, legendHeight } = pictureColours(data);
  const names = groups.map(({ models: of }) => {
    const more = of.length > 1 ? ` +${formatInteger(of.length - 1)}` : "";
    const middle = of.length > 1 ? middleModel(of, data.kl, models.length) : (of[0] ?? 0);
    return fitText(models[middle]?.name ?? "", widestName - more.length * letterWidth) + more;
  });
  const [left, top] = [pictureMargin + 8, headingHeight];
  const right = left + treeWidth;
  const nameLeft = right + barWidth + 16;
  const legendLeft = nameLeft + widestText(names, widestName) + 24;
  const width = legendLeft + (legendHeight > 0 ? legendWidth : 0) + pictureMargin;
  const bottom = top + groups.length * rowHeight;
  const middleOf = (place: number): number => top + (place + 0.5) * rowHeight;
  const highest = tree.heights.reduce((most, height) => Math.max(most, height), 0) || 1;
  const across = (height: number): number => right - (height / highest) * treeWidth;

  const heightOf = (merge: number, end: 0 | 1): number => {
    const child = tree.children[2 * merge + end] ?? 0;
    return child < groups.length ? (groups[child]?.height ?? 0) : (tree.heights[child - groups.length] ?? 0);
  };
  const lines = dendrogram(tree, groups.length, (group) => group).map(({ merge, ends }) => {
    const [x, from, to] = [across(tree.heights[merge] ?? 0), middleOf(ends[0]), middleOf(ends[1])];
    return `M${round(across(heightOf(merge, 0)))},${round(from)}H${round(x)}V${round(to)}H${round(across(heightOf(merge, 1)))}`;
  });
  const rows = groups.flatMap((group, place) => [
    ...wedge(group, across(group.height), right, middleOf(place)),
    ...colourBar(group, colours, right + 6, middleOf(place)),
    svgText(names[place] ?? "", nameLeft, middleOf(place) + 4),
  ]);
  const cut = groups.length < models.length ? `; wedges are groups of models below the cut, named after their middle one` : "";
  return svgDocument({ width, height: Math.max(bottom + axisHeight, top + legendHeight + pictureMargin) }, [
    ...heading(`Tree of ${formatInteger(models.length)} language models`, data, width),
    ...heightAxis(highest, across, top, bottom),
    svgLine(lines.join(""), { stroke: theme.text }),
    ...rows,
    svgText(`Height of a join, sqrt(bits/byte), ${tree.linkage} linkage${cut}`, left, bottom + 42, { fill: theme.muted }),
    ...legend(legendLeft, top + 8),
  ]);
}

function heightAxis(highest: number, across: (height: number) => number, top: number, bottom: number): Svg[] {
  const step = roundStep(highest / 6);
  const ticks = Array.from({ length: Math.floor(highest / step + 1e-9) + 1 }, (_, i) => Number((i * step).toPrecision(6)));
  return ticks.flatMap((tick) => [
    svgLine(`M${round(across(tick))},${top}V${bottom + 4}`, { stroke: theme.line }),
    svgText(String(tick), across(tick), bottom + 20, { fill: theme.muted, "text-anchor": "middle" }),
  ]);
}

function wedge({ models }: TreeGroup, tip: number, right: number, y: number): Svg[] {
  if (models.length === 1) return [];
  return [svg("path", { d: `M${round(tip)},${y}L${right},${y - 6}V${y + 6}Z`, fill: theme.line, stroke: theme.text })];
}

/** The shares of the colours in a group. */
function colourBar({ models }: TreeGroup, colours: readonly string[], left: number, y: number): Svg[] {
  const counts = new Map<string, number>();
  for (const model of models) counts.set(colours[model] ?? theme.other, (counts.get(colours[model] ?? theme.other) ?? 0) + 1);
  let x = left;
  return Array.from(counts, ([fill, count]) => {
    const width = (count / models.length) * barWidth;
    x += width;
    return svg("rect", { x: x - width, y: y - 5, width, height: 10, fill });
  });
}
