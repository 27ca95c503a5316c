/** Which options each command has, for config files. */
import type { Options } from "yargs";
import { addOptions } from "./add-options.js";
import { kubernetesOnlyOptions, slurmOnlyOptions } from "./cluster-options.js";
import { compareOnlyOptions } from "./compare-options.js";
import { exportOnlyOptions } from "./export-options.js";
import { folderOptions } from "./folder-options.js";
import { importOptions } from "./import-options.js";
import { mapOnlyOptions } from "./map-options.js";
import { predictOnlyOptions } from "./predict-options.js";
import { queueCallerOptions, workerOptions } from "./queue-options.js";
import { relativesOnlyOptions } from "./relatives-options.js";
import { resampleOnlyOptions } from "./resample-options.js";
import { scoreOnlyOptions, taskScoringOptions } from "./scoring-options.js";
import { openOptions, watchOptions } from "./serve-options.js";
import { taskOptions } from "./task-options.js";
import { textsOnlyOptions } from "./texts-options.js";

const namesOf = (...groups: Record<string, Options>[]): Set<string> => new Set(groups.flatMap((group) => Object.keys(group)));

/** Names of the options that each command takes from a config file; `model` is the list of models. */
export const commandOptions = {
  run: namesOf(folderOptions, scoreOnlyOptions, mapOnlyOptions, watchOptions, queueCallerOptions).add("model"),
  score: namesOf(folderOptions, scoreOnlyOptions, watchOptions, queueCallerOptions).add("model"),
  map: namesOf(folderOptions, mapOnlyOptions),
  open: namesOf(openOptions),
  add: namesOf(addOptions).add("model"),
  texts: namesOf(textsOnlyOptions).add("input"),
  resample: namesOf(folderOptions, resampleOnlyOptions),
  compare: namesOf(folderOptions, compareOnlyOptions),
  relatives: namesOf(folderOptions, relativesOnlyOptions),
  scale: namesOf(folderOptions),
  predict: namesOf(folderOptions, predictOnlyOptions),
  export: namesOf(folderOptions, exportOnlyOptions),
  import: namesOf(importOptions).add("file"),
  worker: namesOf(workerOptions),
  slurm: namesOf(folderOptions, taskScoringOptions, slurmOnlyOptions).add("model"),
  kubernetes: namesOf(folderOptions, taskScoringOptions, kubernetesOnlyOptions).add("model"),
  "score-task": namesOf(folderOptions, taskOptions).add("list"),
  doctor: new Set(["gpu", "json", "noise", "texts", "out"]),
};
/** Options that may be given several times. */
export const repeatableOptions: ReadonlySet<string> = new Set(["model", "input", "source", "candidates", "file", "what", "sbatch-option", "setup", "claim", "command"]);
export const configurableOptions: ReadonlySet<string> = new Set(Object.values(commandOptions).flatMap((names) => [...names]));
