/** What the user sees while a command works: a progress bar on a terminal, plain lines elsewhere, or lines of JSON. */
import { MultiBar, Presets, type SingleBar } from "cli-progress";
import { formatDuration } from "../report/format.js";
import type { OnEvent, RunEvent } from "../run/events.js";
import { describeFallback } from "../run/scoring-attempts.js";

export interface Display {
  onEvent: OnEvent;
  /** A line for the user, above the bar. */
  note(line: string): void;
  close(): void;
}

export function createDisplay(json: boolean): Display {
  if (json) return { onEvent: (event) => console.log(JSON.stringify(event)), note: console.error, close: () => undefined };
  return process.stderr.isTTY ? new TerminalDisplay() : new PlainDisplay();
}

type ProgressEvent = Extract<RunEvent, { event: "progress" }>;

/** The line for an event, or null where there is nothing to say. */
function describe(event: RunEvent): string | null {
  switch (event.event) {
    case "texts":
      return `Texts: ${event.count} from ${event.name}, ${event.meanBytes.toFixed(0)} bytes on average.`;
    case "models":
      return [`Models: ${event.models.length}.`, ...event.skipped.map(({ path, reason }) => `  left out ${path}: ${reason}`)].join("\n");
    case "model-ready":
      if (event.resumedTexts > 0) return `${event.model}: continuing after ${event.resumedTexts} texts.`;
      return null;
    case "model-done": {
      const how = event.reused ? "already scored" : `scored in ${formatDuration(event.seconds)}`;
      return `${event.model}: ${how}, mean log-likelihood ${event.meanLogLikelihood.toFixed(2)} nats.`;
    }
    case "model-retry":
      return `${event.model}: ${event.reason} It is scored anew ${describeFallback(event.fallback)}.`;
    case "model-failed":
      return `${event.model}: failed: ${event.reason}`;
    case "warning":
      return event.model === null ? `Warning: ${event.message}` : `${event.model}: warning: ${event.message}`;
    case "mapping": {
      const leftOut = event.leftOutTexts === 0 ? "" : ` (${event.leftOutTexts} without a scored token left out)`;
      return `Mapping ${event.models} ${event.models === 1 ? "model" : "models"} on ${event.texts} texts${leftOut}.`;
    }
    case "clip-threshold":
      return `Log-likelihoods are clipped at ${event.now.toFixed(2)} nats; on the map before it was ${event.before.toFixed(2)}.`;
    case "resolving":
    case "model-start":
    case "progress":
    case "map-progress":
    case "predict-progress":
    case "map-done":
      return null;
  }
}

/** The page's path is the result, so it goes to standard output. */
function printResult(event: RunEvent): void {
  if (event.event === "map-done") console.log(`The page is ready: ${event.report}`);
}

function describeProgress({ model, texts, ofTexts, tokensPerSecond, share, eta }: ProgressEvent): string {
  const left = eta === null ? "" : `, ${formatDuration(eta)} left`;
  const speed = Math.round(tokensPerSecond).toLocaleString("en");
  return `${model}: ${texts} of ${ofTexts} texts, ${speed} tokens/s; ${Math.floor(share * 100)} % of all${left}.`;
}

class PlainDisplay implements Display {
  /** Not more often than this, so that a log stays readable. */
  readonly #interval = 10_000;
  #last = performance.now();

  onEvent = (event: RunEvent): void => {
    printResult(event);
    const line = describe(event);
    if (line !== null) this.note(line);
    if (event.event === "progress" && performance.now() - this.#last > this.#interval) {
      this.#last = performance.now();
      this.note(describeProgress(event));
    }
  };

  note(line: string): void {
    console.error(line);
  }

  close(): void {
    // Nothing is held.
  }
}

class TerminalDisplay implements Display {
  #bars: MultiBar | null = null;
  #bar: SingleBar | null = null;
  /** Which of how many each model is: several may be in hand. */
  readonly #numbers = new Map<string, string>();

  onEvent = (event: RunEvent): void => {
    // Only the events that move the bar; `describe` has the lines of the others.
    // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check
    switch (event.event) {
      case "resolving":
        this.#update(event.bytes / Math.max(1, event.ofBytes), { line: `${event.step} ${event.model}` });
        break;
      case "model-start":
        this.#numbers.set(event.model, `${event.number}/${event.of}`);
        this.#update(null, { line: `${event.number}/${event.of} loading ${event.model}` });
        break;
      case "progress": {
        const left = event.eta === null ? "" : ` | ${formatDuration(event.eta)} left`;
        const speed = Math.round(event.tokensPerSecond).toLocaleString("en");
        this.#update(event.share, { line: `${this.#numbers.get(event.model) ?? ""} ${event.model} | ${event.texts}/${event.ofTexts} texts | ${speed} tokens/s${left}` });
        break;
      }
      case "map-progress":
        this.#update(event.share, { line: `map by ${event.method}` });
        break;
      case "predict-progress":
        this.#update(event.share, { line: "ridge regressions" });
        if (event.share === 1) this.close();
        break;
      case "mapping":
      case "models":
      case "map-done":
        this.close();
        break;
    }
    const line = describe(event);
    if (line !== null) this.note(line);
    printResult(event);
  };

  note(line: string): void {
    if (this.#bars === null) {
      console.error(line);
      return;
    }
    this.#bars.log(`${line}\n`);
    // Lines wait for the next redraw, which may never come.
    this.#bars.update();
  }

  #update(share: number | null, payload: { line: string }): void {
    this.#bars ??= new MultiBar(
      { format: "{bar} {percentage}% {line}", hideCursor: true, clearOnComplete: true, stream: process.stderr, barsize: 24 },
      Presets.shades_classic,
    );
    this.#bar ??= this.#bars.create(1, 0, payload);
    if (share === null) this.#bar.update(payload);
    else this.#bar.update(share, payload);
  }

  close(): void {
    this.#bars?.stop();
    this.#bars = null;
    this.#bar = null;
  }
}
