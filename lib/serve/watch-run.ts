/** `--watch`: a page on this machine with the progress of a run and the map so far. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { LlmapError, messageOf } from "../errors.js";
import { packageRoot } from "../package-root.js";
import type { OnEvent, RunEvent } from "../run/events.js";
import { RunFolder } from "../store/run-folder.js";
import type { MapOptions } from "../run/options.js";
import { startServer, type Content, type ServeOptions } from "./local-server.js";
import { MapPreview } from "./map-preview.js";
import { runData } from "./run-data.js";
import { readServedPage, servedPage } from "./served-page.js";
import { initialState, nextState } from "./watch-state.js";

/** Options of `watchRun`. */
export interface WatchOptions extends ServeOptions {
  /** The run folder. */
  out: string;
  /** How the map is drawn at the end; the maps before it take from here what does not cost time. */
  map?: Omit<MapOptions, "out" | "signal" | "onEvent">;
}

/** A run whose progress is served. */
export interface WatchedRun {
  url: string;
  /** Takes the events of `run` or `score`. */
  onEvent: OnEvent;
  /**
   * Says how the run ended, and closes when every reader has the last map, after ten seconds at the latest.
   * @param failure what ended it; null: it is done @param awaitReader a browser was asked to come: it is waited for
   */
  finish: (failure: unknown, awaitReader: boolean) => Promise<void>;
}

const templatePath = join(packageRoot, "dist/serve/watch-page/page.html");
/** Milliseconds between two states that are sent. */
const interval = 200;
const longestWait = 10_000;

type Send = (event: string, data: unknown) => void;

/**
 * Serves the progress of a run until `finish`. Events that readers get: `state` ({@link WatchState}), `map` with its number when there is a new one (at
 * report), `done`.
 * Errors: ERR_USAGE where it cannot listen there, ERR_NOT_FOUND where the page has not been built.
 */
export async function watchRun({ out, map = {}, ...options }: WatchOptions): Promise<WatchedRun> {
  const folder = new RunFolder(out);
  const page = watchPage();
  const data = runData(folder);
  const readers = new Set<Send>();
  const seen = { any: false };
  let state = initialState();
  let report: { content: Content; version: number; models: number; isFinal: boolean } | null = null;
  const tell: Send = (event, content) => readers.forEach((send) => send(event, content));
  const tellMap = (send: Send): void => {
    if (report !== null) send("map", { version: report.version, models: report.models, isFinal: report.isFinal });
  };
  const show = (content: Content, models: number, isFinal: boolean): void => {
    report = { content, models, isFinal, version: (report?.version ?? 0) + 1 };
    tellMap(tell);
  };
  const tellState = spaced(() => tell("state", state));
  const apply = (event: RunEvent): void => {
    state = nextState(state, event);
    tellState();
  };
  const noMap = (message: string): void => apply({ event: "warning", model: null, message: `The map cannot be shown here: ${message}` });
  const preview = new MapPreview(folder, map, (html, models) => show(servedPage(html), models, false), noMap);

  const server = await startServer(async (path, query) => {
    if (path === "") return page;
    if (path === "report") return report?.content ?? null;
    if (path === "events") {
      return {
        follow: (send) => {
          seen.any = true;
          readers.add(send);
          send("state", state);
          tellMap(send);
          return () => readers.delete(send);
        },
      };
    }
    // A map before the last one numbers its models in its own way.
    return path.startsWith("data/") && report?.isFinal === true ? data(path.slice("data/".length), query) : null;
  }, options);

  let final: Promise<void> = Promise.resolve();
  const onEvent = (event: RunEvent): void => {
    apply(event);
    if (event.event === "model-done") preview.want();
    else if (event.event === "mapping") void preview.stop();
    else if (event.event === "map-done") {
      final = readServedPage(event.report).then(
        (content) => show(content, state.scored, true),
        (error: unknown) => noMap(messageOf(error)),
      );
    }
  };
  const finish = async (failure: unknown, awaitReader: boolean): Promise<void> => {
    try {
      await preview.stop();
      await final;
      state = failure === null ? { ...state, step: "done", eta: null } : { ...state, step: "stopped", eta: null, reason: messageOf(failure) };
      const isInterrupted = failure instanceof LlmapError && failure.code === "ERR_ABORTED";
      const until = performance.now() + (isInterrupted ? 500 : longestWait);
      if (failure === null && awaitReader) while (!seen.any && performance.now() < until) await setTimeout(50);
      tell("state", state);
      tell("done", {});
      // Readers hang up when they have shown the last map.
      while (readers.size > 0 && performance.now() < until) await setTimeout(50);
    } finally {
      await server.close();
    }
  };
  return { url: server.url, onEvent, finish };
}

/** Errors: ERR_NOT_FOUND. */
function watchPage(): Content {
  let body: string;
  try {
    body = readFileSync(templatePath, "utf8");
  } catch (error) {
    throw new LlmapError("ERR_NOT_FOUND", `The progress page is not built: ${templatePath} is missing. Run: npm run build:ts`, { cause: error });
  }
  const [, policy = "default-src 'none'"] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(body) ?? [];
  return { type: "text/html; charset=utf-8", body, policy: `${policy}; frame-ancestors 'none'` };
}

/** Calls `work` at once, and again for what comes in the meantime, but not more often than the interval. */
function spaced(work: () => void): () => void {
  let timer: NodeJS.Timeout | null = null;
  let isWanted = false;
  const run = (): void => {
    isWanted = false;
    work();
    timer = globalThis.setTimeout(() => {
      timer = null;
      if (isWanted) run();
    }, interval).unref();
  };
  return () => {
    isWanted = true;
    if (timer === null) run();
  };
}
