/** The progress page: follows the events of a run, and shows its report anew when there is another map. */
import { formatDuration, formatFixed, formatInteger, formatPercent } from "../../report/format.js";
import { byId, element } from "../../report/page/dom.js";
import type { WatchState } from "../watch-state.js";

const frame = byId("report") as HTMLIFrameElement;
const share = byId("share") as HTMLProgressElement;

function show(state: WatchState): void {
  const title = titleOf(state);
  byId("title").textContent = title;
  document.title = title;
  byId("about").textContent = state.texts === null ? "" : `${formatInteger(state.texts.count)} texts from ${state.texts.name}`;
  share.value = state.step === "preparing" ? 0 : state.share;
  byId("left").textContent = leftOf(state);
  byId("in-hand").replaceChildren(
    ...state.inHand.map(({ model, texts, ofTexts, tokensPerSecond }) =>
      element("li", {}, `${model}: ${formatInteger(texts)} of ${formatInteger(ofTexts)} texts, ${formatInteger(Math.round(tokensPerSecond))} tokens/s`),
    ),
  );
  list("failed", `Failed (${formatInteger(state.failures)})`, state.failed.map(({ model, reason }) => `${model}: ${reason}`));
  list("warnings", "Warnings", state.warnings.map(({ model, message }) => (model === null ? message : `${model}: ${message}`)));
  list(
    "finished",
    `Scored (${formatInteger(state.scored)})`,
    state.finished.map(
      ({ model, seconds, meanLogLikelihood }) =>
        `${model}: ${seconds === null ? "already scored" : `scored in ${formatDuration(seconds)}`}, mean log-likelihood ${formatFixed(meanLogLikelihood, 2)} nats`,
    ),
  );
}

function titleOf({ step, models, scored, failures, reason }: WatchState): string {
  const failed = failures > 0 ? `, ${formatInteger(failures)} failed` : "";
  switch (step) {
    case "preparing":
      return "Looking up models";
    case "scoring":
      return `Scoring: ${formatInteger(scored)} of ${formatInteger(models)} models${failed}`;
    case "mapping":
      return "Drawing the map";
    case "done":
      return `Done: ${formatInteger(scored)} of ${formatInteger(models)} models${failed}`;
    case "stopped":
      return `Stopped: ${reason ?? "no reason known"}`;
  }
}

function leftOf({ step, share: done, eta }: WatchState): string {
  if (step !== "scoring") return "";
  return eta === null ? formatPercent(done) : `${formatPercent(done)}, ${formatDuration(eta)} left`;
}

function list(id: string, summary: string, lines: readonly string[]): void {
  const details = byId(id);
  details.hidden = lines.length === 0;
  details.querySelector("summary")?.replaceChildren(summary);
  details.querySelector("ul")?.replaceChildren(...lines.map((line) => element("li", {}, line)));
}

interface Shown {
  version: number;
  models: number;
  isFinal: boolean;
}

/** The version that the frame shows, and the one that it is to show. */
let shown = 0;
let wanted = 0;

function showMap({ version, models, isFinal }: Shown): void {
  wanted = version;
  frame.title = isFinal ? "The map" : `The map of the first ${formatInteger(models)} models`;
  frame.hidden = false;
  byId("no-map").hidden = true;
  const content = frame.contentWindow;
  // Where the reader is in the report is in the part behind #.
  const place = shown === 0 ? "" : (content?.location.hash ?? "");
  content?.location.replace(`report?version=${version}${place}`);
}

frame.addEventListener("load", () => {
  if (wanted > 0) shown = wanted;
  hangUp();
});

let isDone = false;
const events = new EventSource("events");
events.addEventListener("state", ({ data }: MessageEvent<string>) => show(JSON.parse(data) as WatchState));
events.addEventListener("map", ({ data }: MessageEvent<string>) => showMap(JSON.parse(data) as Shown));
events.addEventListener("done", () => {
  isDone = true;
  document.documentElement.dataset["done"] = "";
  hangUp();
});
events.addEventListener("error", () => {
  byId("left").textContent = isDone ? "" : "The connection to llmap-native is gone.";
});

/** The server ends when its readers have what they need. */
function hangUp(): void {
  if (isDone && shown === wanted) events.close();
}
