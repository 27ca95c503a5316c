/** Scores parts of a model on a worker: the model is loaded once, and every finished batch goes to Redis. */
import { LlmapError, throwIfAborted } from "../errors.js";
import { fallbackWarning } from "../run/score-model.js";
import type { ScoringAttempt } from "../run/scoring-attempts.js";
import type { PreparedModel } from "../scoring/messages.js";
import type { ScoreRows } from "../scoring/score-rows.js";
import { settingsHash } from "../scoring/settings.js";
import { isPartDone, textsNotWanted, unitOf } from "./model-parts.js";
import { checkMessage, limits, pinSchema, type Part, type PinnedModel, type Ticket } from "./protocol.js";
import { patiently } from "./redis-client.js";
import { Refusal } from "./refusal.js";
import { encodeRows } from "./row-message.js";
import type { GenerationInHand } from "./score-ticket.js";
import type { ModelScorer } from "./model-scorer.js";
import type { WorkerContext } from "./worker-context.js";

/** The model was begun anew, has failed, is complete or was taken off: what is at work on it stops. */
export class Superseded extends Error {
  override readonly name = "Superseded";
}

/**
 * Scores every part that nobody else has in hand. The part in hand is handed back where it fails.
 * Errors: {@link Superseded}; Refusal where this worker comes to other settings or batches than the first one; ERR_ABORTED; those of the scorer.
 */
export async function scoreParts(
  ticket: Ticket,
  inHand: GenerationInHand,
  attempt: ScoringAttempt,
  context: WorkerContext,
  supervisor: ModelScorer,
  signal: AbortSignal,
): Promise<void> {
  const { store } = context;
  const { state, files, parts } = inHand;
  const { generation } = state;
  const work = new PartsAtWork(ticket, inHand, context);
  try {
    const pinned = await store.pin(ticket.run, ticket.model, generation);
    if (pinned !== null && pinned.sha256 !== files.sha256) throw otherFile(pinned.sha256, files.sha256);
    // With a plan at hand, a part that is done needs no model.
    if ((await work.nextWanted(pinned)) === null) return;
    const contents = await context.texts.get(inHand.run.texts);
    throwIfAborted(signal);
    const onWait = (reason: string): void => context.onEvent({ event: "warning", model: inHand.model.name, message: `The queue takes no rows now and is tried again: ${reason}` });
    let prepared: PreparedModel | null = null;
    const { complete } = await supervisor.score(
      { modelPath: files.path, adapterPaths: files.adapters, contents, options: attempt.options, stored: pinned?.settings ?? null },
      {
        onPrepared: async (now) => {
          prepared = now;
          const counts = await patiently(() => pin(ticket, inHand, attempt, now, context), signal, onWait);
          return work.notWanted(now, counts);
        },
        onBatch: async (rows) => {
          const unit = unitOf(prepared?.batchOfText[rows.text[0] ?? 0] ?? -1);
          // Also after a stop, for a while: the batch that was in hand is not lost.
          await patiently(() => addRows(ticket, generation, unit, rows, context), signal, onWait, context.times.lock);
          work.textsInPart += rows.text.length;
        },
        onPart: async () => {
          await work.complete();
          if (signal.aborted || prepared === null) return null;
          const counts = await store.pin(ticket.run, ticket.model, generation);
          if (counts === null) throw new Superseded();
          return (await work.nextWanted(counts)) === null ? null : work.notWanted(prepared, counts);
        },
      },
      signal,
    );
    if (!complete) throw new LlmapError("ERR_ABORTED", "Interrupted; everything finished so far is kept.");
  } catch (error) {
    await parts.handBack();
    throw error;
  }
}

/** The part in hand. */
class PartsAtWork {
  #part: Part | null = null;
  #started = performance.now();
  /** Texts of the part in hand that this worker has scored. */
  textsInPart = 0;

  constructor(
    private readonly ticket: Ticket,
    private readonly inHand: GenerationInHand,
    private readonly context: WorkerContext,
  ) {}

  /** Takes the next part with something to score; parts that turn out to be done are completed on the way. @param pinned null: the plan is not known yet */
  async nextWanted(pinned: PinnedModel | null): Promise<Part | null> {
    for (;;) {
      this.#part = await this.inHand.parts.next();
      if (this.#part === null) return null;
      if (pinned === null || !isPartDone(pinned, this.#part, await this.#done())) break;
      await this.inHand.parts.complete();
    }
    this.#started = performance.now();
    this.textsInPart = 0;
    this.context.onEvent({ event: "part-start", ...this.#names(this.#part) });
    return this.#part;
  }

  async notWanted({ batchOfText }: PreparedModel, { batches }: PinnedModel): Promise<Uint8Array> {
    if (this.#part === null) throw new Superseded();
    return textsNotWanted(batchOfText, batches, this.#part, await this.#done());
  }

  async complete(): Promise<void> {
    if (this.#part === null) return;
    await this.inHand.parts.complete();
    this.context.onEvent({ event: "part-done", ...this.#names(this.#part), texts: this.textsInPart, seconds: (performance.now() - this.#started) / 1000 });
    this.#part = null;
  }

  #done(): Promise<Set<number>> {
    return this.context.store.doneUnits(this.ticket.run, this.ticket.model, this.inHand.state.generation);
  }

  #names({ part, of }: Part): { model: string; run: string; part: number; of: number } {
    return { model: this.inHand.model.name, run: this.ticket.run, part: part + 1, of };
  }
}

/** What counts for this model: what this worker found, or the first one before it. Errors: {@link Superseded}, Refusal. */
async function pin(ticket: Ticket, { state, files }: GenerationInHand, attempt: ScoringAttempt, now: PreparedModel, { store, worker }: WorkerContext): Promise<PinnedModel> {
  const { run, model } = ticket;
  const { generation } = state;
  const mine = checkMessage(pinSchema, "A prepared model", {
    sha256: files.sha256,
    facts: { ...files.facts, title: files.facts.title?.slice(0, limits.name) ?? null },
    settings: now.settings,
    firstToken: now.firstToken,
    tokenCountsHash: now.tokenCountsHash,
    batches: now.batchOfText.reduce((most, batch) => Math.max(most, batch + 1), 0),
    emptyTexts: now.batchOfText.reduce((count, batch) => count + (batch === -1 ? 1 : 0), 0),
    fallback: attempt.fallback,
    warnings: [...fallbackWarning(attempt, state.attempt.reason), ...now.warnings].map((warning) => warning.slice(0, limits.sentence)),
  });
  const seconds = Object.values(now.seconds).reduce((sum, value) => sum + value, 0);
  const counts = await store.pinFirst(run, model, generation, mine, { type: "prepared", model, generation, worker, seconds });
  if (counts === null) throw new Superseded();
  if (counts.sha256 !== mine.sha256) throw otherFile(counts.sha256, mine.sha256);
  if (settingsHash(counts.settings) !== settingsHash(mine.settings)) {
    const differ = Object.entries(counts.settings).filter(([name, value]) => mine.settings[name as keyof typeof mine.settings] !== value);
    const named = differ.map(([name, value]) => `${name} ${String(value)}, here ${String(mine.settings[name as keyof typeof mine.settings])}`).join("; ");
    throw new Refusal(`Other workers score it with settings that this one does not have (${named}); the rows of a model are all of one kind.`);
  }
  if (counts.tokenCountsHash !== mine.tokenCountsHash || counts.firstToken !== mine.firstToken) {
    throw new Refusal("Its texts come to other tokens here than on the worker that began it.");
  }
  return counts;
}

async function addRows({ run, model }: Ticket, generation: number, unit: number, rows: ScoreRows, { store, worker }: WorkerContext): Promise<void> {
  const bytes = encodeRows(rows);
  if (bytes.length > limits.rows) throw new LlmapError("ERR_QUEUE", `A batch has ${bytes.length} bytes of rows, more than the ${limits.rows} that a queue takes. Use fewer --batch-tokens.`);
  if (!(await store.addRows(run, { type: "rows", model, generation, unit, worker }, bytes))) throw new Superseded();
}

function otherFile(expected: string, found: string): Refusal {
  return new Refusal(`Its file here is another one: expected sha256 ${expected}, as other workers have it, found ${found}.`);
}
