/** pareto.svg: size against divergence from the reference; the models that no smaller one is nearer than are joined by a line. */
import { labelPlace, mapLabels } from "../chart/map-labels.js";
import { PointGrid } from "../chart/point-grid.js";
import { lightTheme as theme } from "../chart/theme.js";
import { formatBytes, formatInteger, formatKl } from "../format.js";
import type { ReportData } from "../report-data.js";
import { fitText, heading, headingHeight, legendWidth, pictureColours, pictureMargin } from "./figure-parts.js";
import { logarithmicTicks } from "./logarithmic-ticks.js";
import { round, svg, svgDocument, svgLine, svgText, type Svg } from "./svg.js";

const plot = { left: 90, top: headingHeight + 16, width: 800, height: 520 };
const radius = { few: 5.5, many: 3 };
const manyModels = 300;

/** Null without a reference, and where no other model has a size and a divergence. */
export function renderParetoSvg(data: ReportData): string | null {
  const { models, reference } = data;
  if (reference === null) return null;
  const points = models.flatMap(({ name, bytes, klToReference, pareto }, model) =>
    klToReference === null || bytes === 0 || name === reference ? [] : [{ model, name, bytes, kl: klToReference, pareto: pareto === true }],
  );
  if (points.length === 0) return null;
  const own = models.find(({ name }) => name === reference);
  const { colours, legend, legendHeight } = pictureColours(data);

  const sizes = logarithmicAxis([...points.map(({ bytes }) => bytes), ...(own !== undefined && own.bytes > 0 ? [own.bytes] : [])]);
  const positive = points.flatMap(({ kl }) => (kl > 0 ? [kl] : []));
  const divergences = logarithmicAxis(positive.length > 0 ? positive : [1]);
  const x = (bytes: number): number => plot.left + sizes.position(bytes) * plot.width;
  // Equal models have no logarithm: they lie on the lower edge.
  const y = (kl: number): number => plot.top + plot.height * (kl > 0 ? 1 - divergences.position(kl) : 1);
  const bottom = plot.top + plot.height;
  const size = points.length > manyModels ? radius.many : radius.few;

  const front = points.filter(({ pareto }) => pareto).sort((a, b) => a.bytes - b.bytes || a.kl - b.kl);
  const corners = front.filter(({ kl }, i) => i === 0 || kl < (front[i - 1]?.kl ?? 0));
  const steps = corners.map(({ bytes, kl }, i) => `${i === 0 ? "M" : "H"}${round(x(bytes))}${i === 0 ? "," : "V"}${round(y(kl))}`).join("");
  // Those of the front are named and drawn first of all.
  const drawn = [...points].sort((a, b) => Number(b.pareto) - Number(a.pareto) || a.kl - b.kl);
  const grid = new PointGrid(drawn.map(({ bytes }) => x(bytes) - plot.left), drawn.map(({ kl }) => y(kl) - plot.top), plot.width + 1, plot.height + 1);
  const labels = mapLabels(drawn.map(({ name }) => name), grid, drawn.map(() => size), { width: plot.width + 1, height: plot.height + 1 }, [...drawn.keys()]);
  const width = plot.left + plot.width + 24 + (legendHeight > 0 ? legendWidth : 0) + pictureMargin;
  return svgDocument({ width, height: bottom + 76 }, [
    ...heading(`Size and divergence from ${reference}`, data, width),
    ...sizes.ticks.flatMap((tick) => [
      svgLine(`M${round(x(tick))},${plot.top}V${bottom}`, { stroke: theme.line }),
      svgText(formatBytes(tick), x(tick), bottom + 20, { fill: theme.muted, "text-anchor": "middle" }),
    ]),
    ...divergences.ticks.flatMap((tick) => [
      svgLine(`M${plot.left},${round(y(tick))}H${plot.left + plot.width}`, { stroke: theme.line }),
      svgText(formatKl(tick), plot.left - 8, y(tick) + 4, { fill: theme.muted, "text-anchor": "end" }),
    ]),
    ...ofReference(own?.bytes ?? 0, x, bottom),
    svgLine(steps, { stroke: theme.text, "stroke-width": 1.5, "stroke-dasharray": "5 3" }),
    ...drawn.toReversed().map(({ model, bytes, kl, pareto }) =>
      svg("circle", { cx: x(bytes), cy: y(kl), r: size, fill: colours[model] ?? theme.other, "fill-opacity": 0.9, stroke: pareto ? theme.text : theme.background }),
    ),
    ...labels.flatMap(({ point, text, side }) => {
      const place = labelPlace(grid.x[point] ?? 0, size, side) + plot.left;
      const at = (grid.y[point] ?? 0) + plot.top + 4;
      const anchor = { "text-anchor": side === "right" ? "start" : "end", "font-size": 11 };
      return [svgText(text, place, at, { ...anchor, stroke: theme.background, "stroke-width": 3 }), svgText(text, place, at, anchor)];
    }),
    svgText("File size", plot.left + plot.width / 2, bottom + 40, { fill: theme.muted, "text-anchor": "middle" }),
    svgText("KL divergence, bits/byte", 0, 0, { fill: theme.muted, "text-anchor": "middle", transform: `translate(24 ${plot.top + plot.height / 2}) rotate(-90)` }),
    svgText(
      fitText(`Outlined and joined: no smaller model is nearer to the reference (${formatInteger(front.length)} of ${formatInteger(points.length)}).`, plot.width + 80),
      pictureMargin,
      bottom + 64,
      { fill: theme.muted },
    ),
    ...legend(plot.left + plot.width + 24, plot.top + 8),
  ]);
}

function ofReference(bytes: number, x: (bytes: number) => number, bottom: number): Svg[] {
  if (bytes === 0) return [];
  return [
    svgLine(`M${round(x(bytes))},${plot.top}V${bottom}`, { "stroke-dasharray": "2 3" }),
    svgText("size of the reference", Math.min(x(bytes), plot.left + plot.width - 60), plot.top - 6, { fill: theme.muted, "text-anchor": "middle" }),
  ];
}

/** From the least to the most of positive values, with room at both ends. */
function logarithmicAxis(values: readonly number[]): { position: (value: number) => number; ticks: number[] } {
  const logarithms = values.map(Math.log);
  const [low, high] = [Math.min(...logarithms), Math.max(...logarithms)];
  const room = Math.max(0.06 * (high - low), 0.1);
  const [from, to] = [low - room, high + room];
  return { position: (value) => (Math.log(value) - from) / (to - from), ticks: logarithmicTicks(Math.exp(from), Math.exp(to)) };
}
