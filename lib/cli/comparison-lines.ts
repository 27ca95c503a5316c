/** A comparison of two models, for the terminal. */
import { bandsWarning } from "../matrix/kl-scale.js";
import { closeLimit } from "../matrix/verdict.js";
import { formatFixed, formatKl, formatPercent, shortenName } from "../report/format.js";
import type { Comparison } from "../run/compare.js";
import { textTable } from "./text-table.js";

export function comparisonLines(comparison: Comparison): string[] {
  const { models, kl, interval, confidence, resamples, robustKl, verdict, noiseFloor, clip, gate, meanDifference } = comparison;
  const [a, b] = models;
  const clipFrom = clip.from === "map" ? "the map's threshold" : `no map yet, so the ${formatPercent(clip.quantile)} quantile of all scores`;
  const floorFrom = noiseFloor.from === "run" ? "measured for this run" : "default; `doctor --noise --out` measures it";
  const likelier = meanDifference === 0 ? "equally likely" : `likelier under ${meanDifference > 0 ? a : b} by ${formatFixed(Math.abs(meanDifference), 2)} nats`;
  return [
    `${a} and ${b}: ${verdict}`,
    "",
    `KL divergence    ${formatKl(kl)} bits/byte, ${formatPercent(confidence)} interval ${formatKl(interval.low)} to ${formatKl(interval.high)} (${resamples} resamples of the texts)`,
    `Robust           ${formatKl(robustKl)} bits/byte (5 % winsorised at either end)`,
    `Noise floor      ${formatKl(noiseFloor.bitsPerByte)} bits/byte (${floorFrom}); close is up to ${closeLimit}`,
    `Texts            ${comparison.texts}, mean ${formatFixed(comparison.meanBytes, 1)} bytes; on average ${likelier}`,
    `Clipped          ${formatPercent(clip.clippedShare)} of the pair's scores, at ${formatFixed(clip.threshold, 1)} nats (${clipFrom})`,
    `Orientation      ${comparison.orientation}. ${bandsWarning}`,
    ...(gate === null ? [] : [`Limit            ${gate.maxKl} bits/byte: ${gate.exceeded ? "exceeded" : "kept"}`]),
    "",
    ...textTable(
      ["source", "texts", "bits/byte", "share", "mean difference"],
      comparison.sources.map(({ source, texts, kl: part, share, meanDifference: mean }) => [
        shortenName(source, 40), String(texts), formatKl(part), formatPercent(share), formatFixed(mean, 2),
      ]),
    ),
    ...(comparison.distinguishingTexts.length === 0 ? [] : ["", "Texts that tell them apart most (log-likelihoods in nats):"]),
    ...comparison.distinguishingTexts.flatMap(({ text, source, logLikelihood: [first, second], centredDifference, share, excerpt }) => [
      `  ${text} (${shortenName(source, 40)}): ${formatFixed(first, 1)} and ${formatFixed(second, 1)}, ` +
        `centred difference ${formatFixed(centredDifference, 2)}, ${formatPercent(share)} of the KL divergence`,
      `    ${excerpt}`,
    ]),
  ];
}
