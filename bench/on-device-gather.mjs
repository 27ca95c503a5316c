/**
 * npm run bench:on-device-gather [-- --json] [-- --quick] [-- --threads N] [-- --backend cuda|vulkan|metal]: the log-softmax gather inside
 * llama.cpp's graph against the gather on the host, on models with random weights. Run `npm run build:native` first.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildCoreTool, run } from "../scripts/core-tool.mjs";
import { writeRandomModel } from "./random-model.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({
  options: { json: { type: "boolean" }, quick: { type: "boolean" }, threads: { type: "string" }, backend: { type: "string" } },
});

const platform = [{ darwin: "mac", linux: "linux" }[process.platform], process.arch, values.backend].filter(Boolean).join("-");
const libraries = join(root, "node_modules", "@node-llama-cpp", platform, "bins", platform);
const headers = join(root, "build", "llama-headers");
for (const [folder, hint] of [[libraries, "npm install"], [headers, "npm run build:native"]]) {
  if (!existsSync(folder)) {
    console.error(`Expected the folder ${folder} but it is not there. Run: ${hint}`);
    process.exit(1);
  }
}

const shapes = [
  { vocabulary: 32_000, width: 64 },
  { vocabulary: 32_000, width: 64, logitDeviation: 30 },
  { vocabulary: 151_936, width: 64 },
];
if (!values.json) console.log("Gather on the device against gather on the host; in brackets what the host's takes, speed as a ratio of tokens/s\n");
const args = Object.entries(values).flatMap(([name, value]) => (name === "backend" ? [] : value === true ? [`--${name}`] : [`--${name}`, value]));
for (const shape of shapes) {
  const deviation = shape.logitDeviation ? `-deviation-${shape.logitDeviation}` : "";
  const model = writeRandomModel(join(root, "build", "bench", `random-${shape.vocabulary}-width-${shape.width}${deviation}.gguf`), shape);
  const name = `vocabulary ${shape.vocabulary.toLocaleString("en")}${deviation ? ", wide logits" : ""}`;
  const program = buildCoreTool("on_device_gather", `native-on-device${values.backend ? `-${values.backend}` : ""}`, [
    "CMAKE_BUILD_TYPE=Release",
    `LLMAP_LLAMA_HEADERS=${headers}`,
    `LLMAP_LLAMA_LIBRARIES=${libraries}`,
  ]);
  run(program, ["--model", model, "--name", name, "--backends", libraries, ...args], { stdio: "inherit" });
}
