import { expect, it } from "vitest";
import { settingsHash, type ScoringSettings } from "../../../lib/scoring/settings.js";

const settings: ScoringSettings = {
  bos: "auto",
  flashAttention: "off",
  kvCacheType: "F16/F32",
  scorer: "native",
  backend: "cpu",
  device: "CPU",
  llamaCpp: "v0.5.0",
  gpuLayers: 0,
  batchTokens: 1024,
  sequences: 2,
  contextSize: 512,
};

it("does not depend on the order of the fields", () => {
  const reversed = Object.fromEntries(Object.entries(settings).reverse()) as unknown as ScoringSettings;
  expect(settingsHash(reversed)).toBe(settingsHash(settings));
});

it("changes with every field", () => {
  const changed = Object.keys(settings).map((key) => settingsHash({ ...settings, [key]: "another" }));
  expect(new Set([settingsHash(settings), ...changed]).size).toBe(Object.keys(settings).length + 1);
});
