/** A ticket in a worker's hand: its model is scored, part by part, until there is no part left. */
import { LlmapError, messageOf } from "../errors.js";
import { attemptAgain, describeHow, nextAttempt, type ScoringAttempt } from "../run/scoring-attempts.js";
import { describeAttempt } from "../run/scoring-log.js";
import { faultOf } from "../scoring/scorer-fault.js";
import type { ScoringOptions } from "../scoring/settings.js";
import { choosePartCount } from "./model-parts.js";
import { LeasedParts, wholeModel, type PartSource } from "./part-source.js";
import { limits, type QueuedAttempt, type QueuedModel, type QueuedRun, type Ticket } from "./protocol.js";
import type { ModelState } from "./queue-store.js";
import { Refusal } from "./refusal.js";
import { scoreParts, Superseded } from "./score-parts.js";
import type { ModelScorer } from "./model-scorer.js";
import type { WorkerContext } from "./worker-context.js";
import { workerFiles, type WorkerFiles } from "./worker-files.js";

/** Others have the last parts of the model in hand, and one of them may be dead: the ticket must come back. */
export class PartsInHand extends Error {
  override readonly name = "PartsInHand";
}

/** A ticket with what BullMQ knows of it. */
export interface HeldTicket extends Ticket {
  /** How many workers have died with it. */
  deaths: number;
}

/**
 * Works off a ticket. Returns when there is nothing left to do for it: also where the model has failed, which the run is told.
 * Errors: {@link Refusal}, {@link PartsInHand}; ERR_ABORTED where `signal` stopped it, after the batch in hand; ERR_BACKEND and ERR_ADDON where this worker cannot
 * score at all; others where another try may help (a file that cannot be fetched now).
 */
export async function scoreTicket(ticket: HeldTicket, context: WorkerContext, supervisor: ModelScorer, signal: AbortSignal): Promise<void> {
  const { store } = context;
  let files: WorkerFiles | null = null;
  for (;;) {
    const [run, model, state] = [await store.run(ticket.run), await store.model(ticket.run, ticket.model), await store.state(ticket.run, ticket.model)];
    if (run === null || model === null || state?.status !== "open") return;
    if (ticket.deaths > run.maxStalled) {
      const reason = `A worker died or lost the queue while it had it in hand, ${ticket.deaths} ${ticket.deaths === 1 ? "time" : "times"} (--max-stalled ${run.maxStalled}); it may take more memory than there is.`;
      await tellFailure(ticket, state.generation, "ERR_SCORING", reason, "", context);
      return;
    }
    files ??= await workerFiles(model, { ...context.places, onDownload: (name, bytes, ofBytes) => context.onEvent({ event: "resolving", model: name, step: "download", bytes, ofBytes }) }, signal);
    const parts = await partSource(ticket, run, state, files, context);
    if (parts === null) continue;
    try {
      if ((await scoreGeneration(ticket, { run, model, state, files, parts }, context, supervisor, signal)) === "over") return;
    } finally {
      await parts.close();
    }
  }
}

/** Null where the generation is over. */
async function partSource(ticket: Ticket, run: QueuedRun, state: ModelState, files: WorkerFiles, context: WorkerContext): Promise<PartSource | null> {
  const { store, bullmq, times, onEvent } = context;
  const { generation } = state;
  const fixed = await store.fixParts(ticket.run, ticket.model, generation, run.parts ?? choosePartCount(files.facts.parameters, run.texts.bytes));
  if (fixed === null) return null;
  if (fixed.first && fixed.parts > 1) await context.addTickets(ticket.run, ticket.model, generation, fixed.parts - 1);
  if (fixed.parts === 1) return wholeModel();
  const ofModel = { run: ticket.run, model: ticket.model, generation, parts: fixed.parts, isQueued: state.queued };
  return LeasedParts.open(bullmq, store, ofModel, times, (error) => onEvent({ event: "warning", model: null, message: messageOf(error) }));
}

/** A model in one generation, on this worker. */
export interface GenerationInHand {
  run: QueuedRun;
  model: QueuedModel;
  state: ModelState;
  files: WorkerFiles;
  parts: PartSource;
}

/** @returns over: nothing is left to do for the ticket; again: the model is begun anew, with another generation */
async function scoreGeneration(
  ticket: HeldTicket,
  inHand: GenerationInHand,
  context: WorkerContext,
  supervisor: ModelScorer,
  signal: AbortSignal,
): Promise<"over" | "again"> {
  const { run, model, state, parts } = inHand;
  const asked = askedOptions(run.scoring, context.machine);
  const attempt = attemptAgain(state.attempt.fallback, state.attempt.batchTokens, asked);
  try {
    await scoreParts(ticket, inHand, attempt, context, supervisor, signal);
    // A ticket that comes from a dead worker is there for the part that one had in hand, whose lease may not have run out yet.
    if (ticket.deaths > 0 && (await parts.othersAtWork())) throw new PartsInHand();
    return "over";
  } catch (error) {
    if (error instanceof Superseded) return "again";
    if (!(error instanceof LlmapError) || faultOf(error) === null) throw error;
    if (error.code === "ERR_BACKEND" || error.code === "ERR_ADDON") {
      // What the caller asks for and this machine does not have is no fault of the machine.
      if (run.scoring.gpu === "auto" || context.machine.gpu !== "auto") throw error;
      throw new Refusal(messageOf(error), { cause: error });
    }
    const log = describeAttempt(`${model.name}, scored ${describeHow(attempt.fallback)} by ${context.worker.name}`, error);
    const next = nextAttempt(attempt, asked, error);
    context.onEvent({ event: "model-failed", model: model.name, run: ticket.run, code: error.code, reason: error.message, again: next !== null });
    if (next === null) {
      const tried = attempt.fallback === null ? "" : ` It was tried ${describeHow(attempt.fallback)} too.`;
      await tellFailure(ticket, state.generation, error.code, `${error.message}${tried}`, log, context);
      return "over";
    }
    await beginAnew(ticket, state, next, error.message, log, context);
    return "again";
  }
}

/** The asked options on this machine. Errors: {@link Refusal} where both sides want another GPU. */
function askedOptions(asked: ScoringOptions, { gpu, threads }: WorkerContext["machine"]): ScoringOptions {
  if (gpu !== "auto" && asked.gpu !== "auto" && gpu !== asked.gpu) {
    throw new Refusal(`The run asks for --gpu ${asked.gpu}, and this worker was started with --gpu ${gpu}.`);
  }
  return { ...asked, gpu: gpu === "auto" ? asked.gpu : gpu, threads };
}

async function beginAnew(ticket: Ticket, state: ModelState, next: ScoringAttempt, reason: string, log: string, context: WorkerContext): Promise<void> {
  const fallback = next.fallback ?? "smaller batch";
  const generation = state.generation + 1;
  const attempt: QueuedAttempt = { fallback, batchTokens: fallback === "smaller batch" ? next.options.batchTokens : null, reason: reason.slice(0, limits.sentence) };
  const event = { type: "retry", model: ticket.model, generation, worker: context.worker, fallback, reason: reason.slice(0, limits.sentence), log: log.slice(-limits.log) } as const;
  const isFirst = await context.store.retry(ticket.run, attempt, event);
  // Not of the state in hand: the first worker read that before it fixed their number.
  const parts = (await context.store.state(ticket.run, ticket.model))?.parts ?? 1;
  if (isFirst && parts > 1) await context.addTickets(ticket.run, ticket.model, generation, parts - 1);
}

/** Tells the run that a model has failed for good. */
export async function tellFailure(ticket: Ticket, generation: number, code: string, reason: string, log: string, { store, worker }: Pick<WorkerContext, "store" | "worker">): Promise<void> {
  await store.fail(ticket.run, {
    type: "failed",
    model: ticket.model,
    generation,
    worker,
    code,
    reason: reason.slice(0, limits.sentence),
    log: log.slice(-limits.log),
  });
}
