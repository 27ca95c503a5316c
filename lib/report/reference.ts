/** The model that sizes and distances are measured against where nobody named one. */
import type { ReportModel } from "./report-data.js";

const unquantized = new Set(["F32", "F16", "BF16"]);

/** The run's reference, else the largest unquantized model, else the largest. */
export function defaultReference(models: readonly ReportModel[], reference: string | null): number {
  const named = models.findIndex(({ name }) => name === reference);
  if (named !== -1) return named;
  const isWhole = ({ quantization }: ReportModel): boolean => unquantized.has(quantization ?? "");
  const candidates = models.some(isWhole) ? models.filter(isWhole) : models;
  const largest = candidates.reduce<ReportModel | undefined>((best, model) => (best === undefined || model.bytes > best.bytes ? model : best), undefined);
  return largest === undefined ? 0 : models.indexOf(largest);
}
