/** Where everything of a run lies (docs/formats.md). */
import { mkdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { LlmapError, messageOf } from "../errors.js";
import { removeFinishedStreams } from "./score-file.js";
import { removeTemporaryFiles } from "../files/temporary-files.js";

/** The paths of a run folder. Nothing is read or made before a method is called. Errors: ERR_USAGE where no folder is named. */
export class RunFolder {
  readonly directory: string;

  constructor(directory: string) {
    // For programs without types.
    if (typeof (directory as unknown) !== "string" || directory === "") throw new LlmapError("ERR_USAGE", "Name the run folder: out (--out).");
    this.directory = resolve(directory);
  }

  get runRecord(): string {
    return join(this.directory, "run.json");
  }
  /** The run that this folder has on a queue. */
  get queueRecord(): string {
    return join(this.directory, "queue.json");
  }
  get texts(): string {
    return join(this.directory, "texts.arrow");
  }
  get models(): string {
    return join(this.directory, "models.arrow");
  }
  get scores(): string {
    return join(this.directory, "scores");
  }
  get tokens(): string {
    return join(this.directory, "tokens");
  }
  get logs(): string {
    return join(this.directory, "logs");
  }
  /** Rows of models.arrow from tasks of a cluster, until they are collected (task-rows.ts). */
  get tasks(): string {
    return join(this.directory, "tasks");
  }
  get map(): string {
    return join(this.directory, "map.arrow");
  }
  get kl(): string {
    return join(this.directory, "kl.arrow");
  }
  get tree(): string {
    return join(this.directory, "tree.nwk");
  }
  get resample(): string {
    return join(this.directory, "resample.arrow");
  }
  /** A run folder inside this one, with the scores of models that were scored on resampled texts only. @param textsHash of these texts */
  quickScores(textsHash: string): string {
    return join(this.directory, "scores-quick", textsHash.slice(0, 12));
  }
  get neighbours(): string {
    return join(this.directory, "neighbours.arrow");
  }
  get sources(): string {
    return join(this.directory, "sources.arrow");
  }
  get predictions(): string {
    return join(this.directory, "predictions.arrow");
  }
  get report(): string {
    return join(this.directory, "report.html");
  }
  /** By their names. */
  get pictures() {
    const names = ["map.svg", "map.png", "tree.svg", "heatmap.png", "pareto.svg"] as const;
    return Object.fromEntries(names.map((name) => [name, join(this.directory, name)])) as Record<(typeof names)[number], string>;
  }
  /** @param fileName the model's name made safe for a file */
  scoreFile(fileName: string): string {
    return join(this.scores, `${fileName}.arrow`);
  }

  /** Log-probabilities of tokens, beside the score file of the same name. */
  tokenFile(fileName: string): string {
    return join(this.tokens, `${fileName}.arrow`);
  }

  /** What llama.cpp said of a model that failed or had to fall back. */
  logFile(fileName: string): string {
    return join(this.logs, `${fileName}.log`);
  }

  /** Creates the folder where it is missing, and clears away what killed processes left in it and nobody needs. Errors: ERR_RUN_FOLDER. */
  async create(): Promise<void> {
    try {
      await createFolder(this.scores);
    } catch (error) {
      throw new LlmapError(
        "ERR_RUN_FOLDER",
        `Cannot write to the run folder ${this.directory}: ${messageOf(error)}. Choose another with --out.`,
        { cause: error },
      );
    }
    for (const folder of [this.directory, this.scores, this.tokens, this.logs, this.tasks]) await removeTemporaryFiles(folder);
    await removeFinishedStreams(this.scores, (fileName) => this.tokenFile(fileName));
  }
}

/** With the folders above it. By hand, since Node's recursive mkdir says ENOENT where the file system is read-only or broken. */
async function createFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" && dirname(path) !== path) {
      await createFolder(dirname(path));
      await mkdir(path);
    } else if (!(await stat(path).then((found) => found.isDirectory(), () => false))) {
      throw error;
    }
  }
}
