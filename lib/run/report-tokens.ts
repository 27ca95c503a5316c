/** Log-probabilities of tokens for the page, from tokens/ of the run folder. */
import { existsSync } from "node:fs";
import { LlmapError } from "../errors.js";
import type { ReportTexts, ReportTokens } from "../report/report-data.js";
import type { RunFolder } from "../store/run-folder.js";
import { isSameKey } from "../store/score-key.js";
import { openTokenFile } from "../store/token-file.js";
import type { MapModel } from "./map-vectors.js";

/** Null where no model's were recorded. A token file that cannot be read, or is of other rows than the scores, is passed over: the page is there without it. */
export function reportTokens(folder: RunFolder, models: readonly MapModel[], { positions }: Pick<ReportTexts, "positions">): ReportTokens | null {
  const files = models.map(({ row: { fileName }, quick }) => (quick || fileName === null ? null : folder.tokenFile(fileName)));
  const recorded = Uint8Array.from(files, (path) => Number(path !== null && existsSync(path)));
  if (!recorded.includes(1)) return null;
  return {
    models: recorded,
    count: (model, text) => Math.max(0, (models[model]?.scores.rows.tokens[positions[text] ?? -1] ?? 0) - 1),
    read: async (model, texts) => {
      const [of, path = null] = [models[model], files[model]];
      if (of === undefined || path === null) return texts.map(() => null);
      try {
        const file = await openTokenFile(path);
        if (!isSameKey(file.key, of.scores.key)) return texts.map(() => null);
        return texts.map((text) => {
          const found = file.of(positions[text] ?? -1);
          return found?.places ? { ...found.places, logProbs: found.logProbs } : null;
        });
      } catch (error) {
        if (!(error instanceof LlmapError)) throw error;
        return texts.map(() => null);
      }
    },
  };
}
