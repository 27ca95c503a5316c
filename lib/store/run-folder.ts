/** Where everything of a run lies (docs/formats.md). */
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { LlmapError, messageOf } from "../errors.js";

export class RunFolder {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = resolve(directory);
  }

  get runRecord(): string {
    return join(this.directory, "run.json");
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
  get map(): string {
    return join(this.directory, "map.arrow");
  }
  get kl(): string {
    return join(this.directory, "kl.arrow");
  }
  get report(): string {
    return join(this.directory, "report.html");
  }
  get picture(): string {
    return join(this.directory, "map.svg");
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

  /** Creates the folder where it is missing. */
  async create(): Promise<void> {
    try {
      await mkdir(this.scores, { recursive: true });
    } catch (error) {
      throw new LlmapError(
        "ERR_RUN_FOLDER",
        `Cannot write to the run folder ${this.directory}: ${messageOf(error)}. Choose another with --out.`,
        { cause: error },
      );
    }
  }
}
