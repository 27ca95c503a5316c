import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../lib/package-root.js";

/** Path of one of the twelve demo models. */
export const demoModel = (name: string): string => join(packageRoot, "demo", "models", `${name}.gguf`);

export const fixture = (name: string): string => join(packageRoot, "test", "fixtures", name);

/** The 100 texts of test/fixtures/texts-100.jsonl. */
export function fixtureTexts(): { text: string; source: string }[] {
  return readFileSync(fixture("texts-100.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { text: string; source: string });
}

/** Writes the first texts as a JSONL file. @returns its path */
export function fixtureTextFile(folder: string, count: number): string {
  const path = join(folder, "texts.jsonl");
  writeFileSync(path, fixtureTexts().slice(0, count).map((text) => JSON.stringify(text)).join("\n"));
  return path;
}

export interface ReferenceScores {
  log_likelihood: number[];
  tokens: number[];
}

/** The adapter of base-f16, and what scripts/build-lora-fixture.mjs computed for both together. */
export function adapterFixture(): { path: string; reference: ReferenceScores } {
  const reference = JSON.parse(readFileSync(fixture("base-lora-r4-f16-float64.json"), "utf8")) as ReferenceScores;
  return { path: fixture("base-lora-r4-f16.gguf"), reference };
}

/** Log-likelihoods (nats) and sequence lengths of the 100 texts, by model, from an independent float64 forward pass. */
export function referenceScores(): Map<string, ReferenceScores> {
  const file = JSON.parse(readFileSync(fixture("log-likelihood-float64.json"), "utf8")) as {
    models: Record<string, ReferenceScores>;
  };
  return new Map(Object.entries(file.models).map(([name, scores]) => [name.replace(/\.gguf$/, ""), scores]));
}
