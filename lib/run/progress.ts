/** How far scoring is: texts of the models in hand, share of all work, and when it will be done. */
import type { Model } from "../models/model.js";
import type { ScoreRows } from "../scoring/score-rows.js";
import type { OnEvent } from "./events.js";

interface ModelInHand {
  texts: number;
  tokens: number;
  started: number;
}

/** Work is counted as parameters x texts: decoding takes time in proportion to both. */
export class ScoringProgress {
  readonly #total: number;
  /** Work of the models that are behind, and the work that this process did. */
  #behind = 0;
  #done = 0;
  readonly #inHand = new Map<Model, ModelInHand>();
  readonly #started = performance.now();

  constructor(
    private readonly models: readonly Model[],
    private readonly texts: number,
    private readonly onEvent: OnEvent,
  ) {
    this.#total = models.reduce((sum, model) => sum + work(model) * texts, 0);
  }

  start(model: Model): void {
    this.restart(model);
    this.onEvent({ event: "model-start", model: model.name, number: this.models.indexOf(model) + 1, of: this.models.length });
  }

  /** From its first text again, after a failure. */
  restart(model: Model): void {
    this.#inHand.set(model, { texts: 0, tokens: 0, started: performance.now() });
  }

  /** Texts that an earlier process scored. */
  resume(model: Model, texts: number): void {
    this.#inHand.set(model, { texts, tokens: 0, started: performance.now() });
  }

  advance(model: Model, rows: ScoreRows): void {
    const now = performance.now();
    const inHand = this.#inHand.get(model) ?? { texts: 0, tokens: 0, started: now };
    inHand.texts += rows.text.length;
    inHand.tokens += rows.tokens.reduce((sum, tokens) => sum + tokens, 0);
    this.#inHand.set(model, inHand);
    this.#done += work(model) * rows.text.length;
    const seconds = (now - this.#started) / 1000;
    const share = this.#share();
    this.onEvent({
      event: "progress",
      model: model.name,
      texts: inHand.texts,
      ofTexts: this.texts,
      tokensPerSecond: inHand.tokens / Math.max(1e-3, (now - inHand.started) / 1000),
      share,
      eta: seconds < 1 ? null : (seconds * this.#total * (1 - share)) / this.#done,
    });
  }

  /** A model that is done, reused or failed: nothing of it is ahead. */
  finish(model: Model): void {
    this.#behind += work(model) * this.texts;
    this.#inHand.delete(model);
  }

  #share(): number {
    let behind = this.#behind;
    for (const [model, { texts }] of this.#inHand) behind += work(model) * texts;
    return behind / this.#total;
  }
}

function work(model: Model): number {
  return Math.max(1, model.facts.parameters);
}
