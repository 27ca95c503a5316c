/** The map of the models that are scored so far, drawn while others are being scored. */
import { setTimeout } from "node:timers/promises";
import { LlmapError, messageOf } from "../errors.js";
import { renderReport } from "../report/write-report.js";
import { computeMap, predictionsOf } from "../run/map.js";
import type { MapOptions } from "../run/options.js";
import { reportData } from "../run/report-data.js";
import { readModels } from "../store/models-table.js";
import type { RunFolder } from "../store/run-folder.js";

/** Of more models a map takes too long to be drawn beside the scoring. */
const mostPreviewModels = 300;
/** The share of the time that may go into it. */
const shareOfTime = 0.05;
/** Models that finish within this time, in ms, come on one map; models.arrow is written in it too. */
const gathering = 500;

export class MapPreview {
  readonly #ending = new AbortController();
  #wanted = false;
  #work: Promise<void> | null = null;

  /** @param drawn receives the page and its number of models @param failed receives what is no fault of the folder */
  constructor(
    private readonly folder: RunFolder,
    private readonly options: Omit<MapOptions, "out" | "signal" | "onEvent">,
    private readonly drawn: (html: string, models: number) => void,
    private readonly failed: (message: string) => void,
  ) {}

  /** There is another model. However often it is called, one map is drawn at a time. */
  want(): void {
    this.#wanted = true;
    this.#work ??= this.#run().finally(() => (this.#work = null));
  }

  /** Draws nothing any more; resolves when the one in hand is dropped. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#work;
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    let pause = gathering;
    while (this.#wanted && !signal.aborted) {
      try {
        await setTimeout(pause, undefined, { signal, ref: false });
        this.#wanted = false;
        const started = performance.now();
        if (!(await this.#draw(signal))) return;
        pause = Math.max(gathering, (performance.now() - started) / shareOfTime);
      } catch (error) {
        // Nothing is scored yet, or a file is being written anew: the next model brings the next try. The run is not to end for want of a preview.
        if (!(error instanceof LlmapError) && !this.#ending.signal.aborted) this.failed(messageOf(error));
      }
    }
  }

  /** @returns false where there are too many models */
  async #draw(signal: AbortSignal): Promise<boolean> {
    const complete = (await readModels(this.folder.models)).filter(({ status }) => status === "complete").length;
    if (complete > mostPreviewModels) return false;
    // What takes its time, and what decides nothing about the places, is left to the map at the end.
    const parts = await computeMap(this.folder, { ...this.options, map: "mds", dimensions: 2, bootstrap: 0, threads: 1, reference: null, signal });
    const html = await renderReport(reportData(parts, await predictionsOf(this.folder, parts, () => undefined), null));
    if (!signal.aborted) this.drawn(html, parts.models.length);
    return true;
  }
}
