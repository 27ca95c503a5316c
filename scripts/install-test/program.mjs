import { nearestModels, run } from "llmap-native";

const demo = "node_modules/llmap-native/demo/models";
const { models, kl } = await run({
  models: ["base-q8_0", "base-q4_0", "small-f16"].map((name) => `${demo}/${name}.gguf`),
  texts: "texts.jsonl",
  out: "program-out",
});
const [nearest] = nearestModels(kl, models.length, models.indexOf("base-q8_0"), 1);
console.log(`base-q8_0 is nearest to ${models[nearest.model]}: ${nearest.kl} bits/byte`);
