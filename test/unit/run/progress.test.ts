import { expect, it } from "vitest";
import type { Model } from "../../../lib/models/model.js";
import type { RunEvent } from "../../../lib/run/events.js";
import { ScoringProgress } from "../../../lib/run/progress.js";

const model = (name: string, parameters: number): Model => ({ name, facts: { parameters } }) as unknown as Model;

const rows = (...texts: number[]) => ({
  text: Int32Array.from(texts),
  tokens: Int32Array.from(texts, () => 10),
  logLikelihood: new Float64Array(texts.length),
  truncated: texts.map(() => false),
});

/** Four texts of the same size. */
const texts = Array.from({ length: 4 }, () => ({ bytes: 10 }));

it("counts a model's share by its parameters, and work that is reused or failed as behind", () => {
  const events: RunEvent[] = [];
  const models = [model("small", 100), model("reused", 100), model("large", 200)];
  const [small, reused, large] = models as [Model, Model, Model];
  const progress = new ScoringProgress(models, texts, (event) => events.push(event));
  const share = (): number => events.filter((event) => event.event === "progress").at(-1)?.share ?? NaN;

  progress.start(small);
  progress.advance(small, rows(0, 1));
  expect(share()).toBeCloseTo(0.125, 12);
  progress.advance(small, rows(2, 3));
  expect(share()).toBeCloseTo(0.25, 12);
  progress.finish(small);
  progress.finish(reused);
  progress.start(large);
  progress.resume(large, [0, 1]);
  progress.advance(large, rows(2));
  expect(share()).toBeCloseTo(0.5 + 0.5 * 0.75, 12);
  progress.advance(large, rows(3));
  expect(share()).toBeCloseTo(1, 12);
  expect(events.filter((event) => event.event === "model-start").map(({ number, of }) => `${number}/${of}`)).toEqual(["1/3", "3/3"]);
});

it("counts several models in hand, and one that failed from its first text again", () => {
  const events: RunEvent[] = [];
  const models = [model("one", 100), model("other", 100)];
  const [one, other] = models as [Model, Model];
  const progress = new ScoringProgress(models, texts, (event) => events.push(event));
  const share = (): number => events.filter((event) => event.event === "progress").at(-1)?.share ?? NaN;

  progress.start(one);
  progress.start(other);
  progress.advance(one, rows(0, 1));
  progress.advance(other, rows(0));
  expect(share()).toBeCloseTo(3 / 8, 12);
  progress.restart(one);
  progress.advance(one, rows(0));
  expect(share()).toBeCloseTo(2 / 8, 12);
});

it("counts texts by their bytes, so that the long ones at the beginning do not spoil the estimate", () => {
  const events: RunEvent[] = [];
  const one = model("one", 100);
  const progress = new ScoringProgress([one], [{ bytes: 70 }, { bytes: 20 }, { bytes: 10 }], (event) => events.push(event));
  progress.start(one);
  progress.advance(one, rows(0));
  expect(events.at(-1)).toMatchObject({ texts: 1, ofTexts: 3, share: 0.7 });
});
