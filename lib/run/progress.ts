/** How far scoring is: texts of the model in hand, share of all work, and when it will be done. */
import type { Model } from "../models/model.js";
import type { ScoreRows } from "../scoring/score-rows.js";
import type { OnEvent } from "./events.js";

/** Work is counted as parameters x texts: decoding takes time in proportion to both. */
export class ScoringProgress {
  readonly #total: number;
  /** Work that is behind, and the part of it that this process did. */
  #behind = 0;
  #done = 0;
  #texts = 0;
  #tokens = 0;
  #number = 0;
  #modelStarted = 0;
  readonly #started = performance.now();

  constructor(
    private readonly models: readonly Model[],
    private readonly texts: number,
    private readonly onEvent: OnEvent,
  ) {
    this.#total = models.reduce((sum, model) => sum + work(model) * texts, 0);
  }

  start(model: Model): void {
    this.#texts = 0;
    this.#tokens = 0;
    this.#number = this.models.indexOf(model) + 1;
    this.#modelStarted = performance.now();
    this.onEvent({ event: "model-start", model: model.name, number: this.#number, of: this.models.length });
  }

  /** Texts that an earlier process scored. */
  resume(texts: number): void {
    this.#texts = texts;
    this.#modelStarted = performance.now();
  }

  advance(model: Model, rows: ScoreRows): void {
    this.#texts += rows.text.length;
    this.#tokens += rows.tokens.reduce((sum, tokens) => sum + tokens, 0);
    this.#done += work(model) * rows.text.length;
    const now = performance.now();
    const share = (this.#behind + work(model) * this.#texts) / this.#total;
    const seconds = (now - this.#started) / 1000;
    this.onEvent({
      event: "progress",
      model: model.name,
      texts: this.#texts,
      ofTexts: this.texts,
      tokensPerSecond: this.#tokens / Math.max(1e-3, (now - this.#modelStarted) / 1000),
      share,
      eta: seconds < 1 ? null : (seconds * this.#total * (1 - share)) / this.#done,
    });
    if (this.#texts === this.texts) this.skip(model);
  }

  /** A model that is done, reused or failed: nothing of it is ahead. */
  skip(model: Model): void {
    this.#behind += work(model) * this.texts;
    this.#texts = 0;
  }
}

function work(model: Model): number {
  return Math.max(1, model.facts.parameters);
}
