/** What the progress page shows of a run, from its events. Bounded, however many models there are. */
import type { RunEvent } from "../run/events.js";

export interface WatchState {
  step: "preparing" | "scoring" | "mapping" | "done" | "stopped";
  /** Why it stopped; null where it did not. */
  reason: string | null;
  texts: { name: string; count: number } | null;
  /** Numbers of models: asked for, with complete scores, failed. */
  models: number;
  scored: number;
  failures: number;
  /** Of all work, 0 to 1, and seconds that are left; null while unknown. */
  share: number;
  eta: number | null;
  inHand: { model: string; texts: number; ofTexts: number; tokensPerSecond: number }[];
  /** The latest ones, latest first. `seconds` is null for a model that was scored before. */
  finished: { model: string; seconds: number | null; meanLogLikelihood: number }[];
  failed: { model: string; reason: string }[];
  warnings: { model: string | null; message: string }[];
}

const mostListed = 50;

export function initialState(): WatchState {
  const none = { texts: null, models: 0, scored: 0, failures: 0, share: 0, eta: null };
  return { step: "preparing", reason: null, ...none, inHand: [], finished: [], failed: [], warnings: [] };
}

/** The state after an event. */
export function nextState(state: WatchState, event: RunEvent): WatchState {
  switch (event.event) {
    case "texts":
      return { ...state, texts: { name: event.name, count: event.count } };
    case "models":
      return { ...state, step: "scoring", models: event.models.length };
    case "model-start":
    case "model-retry":
      return { ...state, inHand: [...without(state.inHand, event.model), { model: event.model, texts: 0, ofTexts: state.texts?.count ?? 0, tokensPerSecond: 0 }] };
    case "progress": {
      const { model, texts, ofTexts, tokensPerSecond, share, eta } = event;
      return { ...state, share, eta, inHand: replaced(state.inHand, { model, texts, ofTexts, tokensPerSecond }) };
    }
    case "model-done": {
      const { model, reused, seconds, meanLogLikelihood } = event;
      const finished = { model, seconds: reused ? null : seconds, meanLogLikelihood };
      return { ...state, scored: state.scored + 1, inHand: without(state.inHand, model), finished: latest(state.finished, finished) };
    }
    case "model-failed": {
      // A file that is no model is not among those that were announced, and never in hand.
      const models = state.models + (state.inHand.some(({ model }) => model === event.model) ? 0 : 1);
      return { ...state, models, failures: state.failures + 1, inHand: without(state.inHand, event.model), failed: latest(state.failed, { model: event.model, reason: event.reason }) };
    }
    case "warning":
      return { ...state, warnings: latest(state.warnings, { model: event.model, message: event.message }) };
    case "mapping":
      return { ...state, step: "mapping", share: 1, eta: null };
    case "map-progress":
    case "predict-progress":
    case "map-done":
    case "model-ready":
    case "resolving":
    case "clip-threshold":
      return state;
  }
}

const without = <Entry extends { model: string }>(entries: readonly Entry[], model: string): Entry[] => entries.filter((entry) => entry.model !== model);
const replaced = <Entry extends { model: string }>(entries: readonly Entry[], next: Entry): Entry[] =>
  entries.some(({ model }) => model === next.model) ? entries.map((entry) => (entry.model === next.model ? next : entry)) : [...entries, next];
const latest = <Entry>(entries: readonly Entry[], next: Entry): Entry[] => [next, ...entries].slice(0, mostListed);
