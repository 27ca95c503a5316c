/** logs/<model>.log: what is known of the attempts at a model that failed, llama.cpp's messages among it. */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { LlmapError } from "../errors.js";
import type { Model } from "../models/model.js";
import { faultOf } from "../scoring/scorer-fault.js";
import { writeFileAtomic } from "../files/atomic-write.js";

export class ScoringLog {
  #content = "";

  constructor(
    private readonly path: string,
    private readonly model: Pick<Model, "name" | "path">,
  ) {}

  /** Adds a failed attempt. @returns the log's path, or null where it could not be written */
  async add(attempt: string, error: LlmapError): Promise<string | null> {
    return this.addText(describeAttempt(`${this.model.name} (${this.model.path}), scored ${attempt}`, error));
  }

  /** Adds what {@link describeAttempt} says, of this process or another. @returns as {@link add} */
  async addText(text: string): Promise<string | null> {
    this.#content += `${text.trimEnd()}\n\n`;
    try {
      await mkdir(dirname(this.path), { recursive: true });
      await writeFileAtomic(this.path, this.#content);
      return this.path;
    } catch {
      return null; // the reason of the failure itself must not be lost
    }
  }
}

/** What is known of a failed attempt. @param what was tried */
export function describeAttempt(what: string, error: LlmapError): string {
  const fault = faultOf(error);
  const lines = [
    `${new Date().toISOString()} ${what}`,
    `${error.code}: ${error.message}`,
    `while: ${fault?.step ?? "unknown"}; backend: ${fault?.backend ?? "unknown"}; plan: ${JSON.stringify(fault?.plan ?? null)}`,
    fault?.log ?? "",
  ];
  return lines.join("\n").trimEnd();
}
