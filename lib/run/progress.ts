/** How far scoring is: texts of the models in hand, share of all work, and when it will be done. */
import type { ScoreRows } from "../scoring/score-rows.js";
import type { OnEvent } from "./events.js";

/** What progress has to know of a model. */
export interface WeighedModel {
  name: string;
  facts: { parameters: number };
}

interface ModelInHand {
  /** Number of texts that are done, and their bytes. */
  texts: number;
  bytes: number;
  /** Tokens that this process scored. */
  tokens: number;
  started: number;
}

/** Work is counted as parameters x bytes of text: decoding takes time in proportion to both. */
export class ScoringProgress {
  readonly #total: number;
  readonly #allBytes: number;
  /** Of each model, from 1. */
  readonly #numbers: ReadonlyMap<WeighedModel, number>;
  /** Work of the models that are behind, and the work that this process did. */
  #behind = 0;
  #done = 0;
  readonly #inHand = new Map<WeighedModel, ModelInHand>();
  readonly #started = performance.now();

  constructor(
    private readonly models: readonly WeighedModel[],
    private readonly texts: readonly { bytes: number }[],
    private readonly onEvent: OnEvent,
  ) {
    this.#allBytes = texts.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#numbers = new Map(models.map((model, index) => [model, index + 1]));
    this.#total = models.reduce((sum, model) => sum + weight(model) * this.#allBytes, 0);
  }

  start(model: WeighedModel): void {
    this.restart(model);
    this.onEvent({ event: "model-start", model: model.name, number: this.#numbers.get(model) ?? 0, of: this.models.length });
  }

  /** From its first text again, after a failure. */
  restart(model: WeighedModel): void {
    this.resume(model, []);
  }

  /** @param texts positions of the texts that an earlier process scored */
  resume(model: WeighedModel, texts: Iterable<number>): void {
    const positions = Array.from(texts);
    this.#inHand.set(model, { texts: positions.length, bytes: this.#bytesOf(positions), tokens: 0, started: performance.now() });
  }

  advance(model: WeighedModel, rows: ScoreRows): void {
    const now = performance.now();
    const inHand = this.#inHand.get(model) ?? { texts: 0, bytes: 0, tokens: 0, started: now };
    const bytes = this.#bytesOf(rows.text);
    inHand.texts += rows.text.length;
    inHand.bytes += bytes;
    inHand.tokens += rows.tokens.reduce((sum, tokens) => sum + tokens, 0);
    this.#inHand.set(model, inHand);
    this.#done += weight(model) * bytes;
    const seconds = (now - this.#started) / 1000;
    const share = this.#share();
    this.onEvent({
      event: "progress",
      model: model.name,
      texts: inHand.texts,
      ofTexts: this.texts.length,
      tokensPerSecond: inHand.tokens / Math.max(1e-3, (now - inHand.started) / 1000),
      share,
      eta: seconds < 3 ? null : (seconds * this.#total * (1 - share)) / this.#done,
    });
  }

  /** A model that is done, reused or failed: nothing of it is ahead. */
  finish(model: WeighedModel): void {
    this.#behind += weight(model) * this.#allBytes;
    this.#inHand.delete(model);
  }

  #share(): number {
    let behind = this.#behind;
    for (const [model, { bytes }] of this.#inHand) behind += weight(model) * bytes;
    return behind / this.#total;
  }

  #bytesOf(texts: Iterable<number>): number {
    let bytes = 0;
    for (const text of texts) bytes += this.texts[text]?.bytes ?? 0;
    return bytes;
  }
}

function weight(model: WeighedModel): number {
  return Math.max(1, model.facts.parameters);
}
