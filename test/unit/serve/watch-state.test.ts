import { expect, test } from "vitest";
import type { RunEvent } from "../../../lib/run/events.js";
import { initialState, nextState } from "../../../lib/serve/watch-state.js";

const after = (...events: RunEvent[]) => events.reduce(nextState, initialState());
const done = (model: string, reused = false): RunEvent => ({ event: "model-done", model, seconds: 2, meanLogLikelihood: -900, reused, peakMemory: null });
const failed = (model: string): RunEvent => ({ event: "model-failed", model, path: `${model}.gguf`, code: "ERR_GGUF", reason: "broken" });
const start = (model: string, number: number): RunEvent => ({ event: "model-start", model, number, of: 3 });
const texts: RunEvent = { event: "texts", name: "builtin", count: 180, meanBytes: 1012, hash: "00" };
const models = (...names: string[]): RunEvent => ({ event: "models", models: names, skipped: [] });

test("two models in hand at once keep their own counts", () => {
  const progress = (model: string, count: number): RunEvent => ({ event: "progress", model, texts: count, ofTexts: 180, tokensPerSecond: 100, share: 0.25, eta: 9 });
  const state = after(texts, models("a", "b"), start("a", 1), start("b", 2), progress("b", 20), progress("a", 7));
  expect(state).toMatchObject({ step: "scoring", models: 2, share: 0.25, eta: 9 });
  expect(state.inHand.map(({ model, texts: count }) => [model, count])).toEqual([["a", 7], ["b", 20]]);
});

test("models are counted once: scored, scored before, failed, and files that are none", () => {
  const state = after(texts, models("a", "b"), failed("broken"), start("a", 1), done("a"), done("b", true));
  expect(state).toMatchObject({ models: 3, scored: 2, failures: 1, inHand: [] });
  expect(state.finished.map(({ model, seconds }) => [model, seconds])).toEqual([["b", null], ["a", 2]]);
  expect(state.failed).toEqual([{ model: "broken", reason: "broken" }]);
});

test("of thousands of models the latest are listed and all are counted", () => {
  const names = Array.from({ length: 5000 }, (_, i) => `m${i}`);
  const state = after(texts, models(...names), ...names.map((name) => done(name)));
  expect(state.scored).toBe(5000);
  expect(state.finished).toHaveLength(50);
  expect(state.finished[0]?.model).toBe("m4999");
  expect(JSON.stringify(state).length).toBeLessThan(10_000);
});
