/** What the rows of a score file are keyed by, and what the map tells of them: the metadata of the Arrow schema. */
import { z } from "zod";
import { LlmapError, messageOf } from "../errors.js";
import { fallbacks, settingsHash, type Fallback, type FirstToken, type ScoringSettings } from "../scoring/settings.js";

/** What a file of scores belongs to: model, texts, settings. */
export interface ScoreKey {
  model: string;
  modelSha256: string;
  textsHash: string;
  settings: ScoringSettings;
  firstToken: FirstToken;
  /** What the model was scored with after it had failed as asked; null: as asked. */
  fallback: Fallback | null;
  /** Sentences for the user. */
  warnings: string[];
}

const keySchema = z.object({
  model: z.string(),
  model_sha256: z.string(),
  texts_hash: z.string(),
  settings_hash: z.string(),
  settings: z.string(),
  first_token: z.enum(["BOS", "EOS", "none"]),
  fallback: z.enum(["", ...fallbacks]),
  warnings: z.string(),
});

export function keyMetadata(key: ScoreKey): [string, string][] {
  return Object.entries({
    model: key.model,
    model_sha256: key.modelSha256,
    texts_hash: key.textsHash,
    settings_hash: settingsHash(key.settings),
    settings: JSON.stringify(key.settings),
    first_token: key.firstToken,
    fallback: key.fallback ?? "",
    warnings: JSON.stringify(key.warnings),
  });
}

/** Errors: ERR_RUN_FOLDER naming the file where the metadata is missing or contradicts itself. */
export function keyOf(metadata: ReadonlyMap<string, string>, path: string): ScoreKey {
  try {
    const key = keySchema.parse(Object.fromEntries(metadata));
    const settings = JSON.parse(key.settings) as ScoringSettings;
    if (settingsHash(settings) !== key.settings_hash) throw new Error("the settings do not match their hash");
    return {
      model: key.model,
      modelSha256: key.model_sha256,
      textsHash: key.texts_hash,
      settings,
      firstToken: key.first_token,
      fallback: key.fallback === "" ? null : key.fallback,
      warnings: z.array(z.string()).parse(JSON.parse(key.warnings)),
    };
  } catch (error) {
    throw new LlmapError("ERR_RUN_FOLDER", `${path} does not say what its rows are: ${messageOf(error)}. Delete it and run again.`, {
      cause: error,
    });
  }
}

/** Whether two keys are of the same rows: same model, texts and settings. */
export function isSameKey(one: ScoreKey, other: ScoreKey): boolean {
  return (
    one.modelSha256 === other.modelSha256 && one.textsHash === other.textsHash && settingsHash(one.settings) === settingsHash(other.settings)
  );
}
