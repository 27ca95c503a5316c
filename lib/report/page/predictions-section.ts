/** Predicted scores against actual ones, and which models find the texts likelier than their score lets expect. */
import type { EncodingChoices } from "../chart/encoding.js";
import { formatFixed, formatInteger, formatSignificant, nothing } from "../format.js";
import type { ReportData } from "../report-data.js";
import { dataTable } from "./data-table.js";
import { element, type Child } from "./dom.js";
import { modelPointActions } from "./model-card.js";
import { modelButton } from "./model-choice.js";
import { markKeys, modelGroups } from "./model-marks.js";
import type { PageContext } from "./page-context.js";
import { ScatterFigure } from "./scatter-figure.js";

/** Of more models only suspects are named. */
const mostNamed = 40;
const mostSuspects = 20;

export function addPredictions(section: HTMLElement, page: PageContext, choices: EncodingChoices, predictions: NonNullable<ReportData["predictions"]>): void {
  const { report, store, shown, theme } = page;
  const { label, family, leakageLimit, screen } = predictions;
  const actions = modelPointActions(page);
  const predictedOf = (model: number): number | null => {
    const prediction = report.models[model]?.prediction ?? null;
    return prediction === null ? null : (prediction.grouped ?? prediction.predicted);
  };
  const labelled = report.models.filter(({ prediction }) => (prediction?.actual ?? null) !== null).length;
  const actual = new ScatterFigure(theme, `Predicted ${label} (up) against the actual one (across) of ${formatInteger(labelled)} models, with the diagonal where both agree.`, actions);
  const leakage = new ScatterFigure(theme, `Mean log-likelihood (up) against predicted ${label} (across), with the line that predictions let expect.`, actions);
  const few = report.models.length <= mostNamed;
  const isSuspect = (model: number): boolean => report.models[model]?.prediction?.suspect === true;
  const axis = (name: string, format: (value: number) => string) => ({ name, logarithmic: false, format });
  const show = (): void => {
    const known = report.models.flatMap(({ prediction }, model) => (prediction === null || prediction.actual === null ? [] : [prediction.actual, predictedOf(model) ?? NaN]));
    const [low, high] = [Math.min(...known), Math.max(...known)];
    actual.show(() => ({
      x: axis(`actual ${label}`, formatSignificant),
      y: axis(`predicted ${label}`, formatSignificant),
      square: true,
      lines: known.length > 0 ? [{ corners: [[low, low], [high, high]], dashed: true, stepped: false }] : [],
      groups: modelGroups(page, choices, (model) => ({ x: report.models[model]?.prediction?.actual ?? NaN, y: predictedOf(model) ?? NaN }), () => few),
    }));
    leakage.show(() => ({
      x: axis(`predicted ${label}`, formatSignificant),
      y: axis("mean log-likelihood, nats", (value) => formatSignificant(value)),
      square: false,
      lines: expected,
      groups: modelGroups(page, choices, (model) => ({ x: report.models[model]?.prediction?.predicted ?? NaN, y: report.models[model]?.meanLogLikelihood ?? NaN }), () => few, isSuspect),
    }));
  };
  // The screen goes by predictions that ignore families (docs/predict.md).
  const plain = report.models.flatMap(({ prediction }) => prediction?.predicted ?? []);
  const at = (x: number): [number, number] => [x, (screen?.intercept ?? NaN) + (screen?.slope ?? NaN) * x];
  const expected = screen === null ? [] : [{ corners: [at(Math.min(...plain)), at(Math.max(...plain))], dashed: true, stepped: false }];
  store.follow(markKeys, show);
  shown.onChange(show);
  theme.onChange(show);
  const suspects = report.models
    .map(({ prediction }, model) => ({ model, leakage: prediction?.leakage ?? NaN }))
    .filter(({ model }) => isSuspect(model))
    .sort((a, b) => b.leakage - a.leakage);
  const rows = suspects.slice(0, mostSuspects).map(({ model, leakage: sd }): Child[] => {
    const predicted = report.models[model]?.prediction?.predicted ?? null;
    return [modelButton(page, model), predicted === null ? nothing : formatSignificant(predicted), formatFixed(report.models[model]?.meanLogLikelihood ?? NaN, 1), formatFixed(sd, 1)];
  });
  const heldOut = family === null ? "by fits without the model itself" : `by fits without the model's whole family (label ${family})`;
  section.append(
    element("p", {}, `${label} of ${formatInteger(labelled)} models, predicted from their log-likelihoods ${heldOut}: a point on the dashed line is predicted exactly. The map can be coloured by the predicted score.`),
    element("div", { className: "halves" }, element("div", {}, element("h3", {}, "Predicted and actual"), actual.node), element("div", {}, element("h3", {}, "Leakage screen"), leakage.node)),
    element(
      "p",
      {},
      screen === null
        ? "There are too few models for a leakage screen, or their likelihoods do not vary about what their scores let expect."
        : suspects.length === 0
          ? `No model finds the texts more than ${leakageLimit} robust standard deviations likelier than its predicted ${label} lets expect.`
          : `These find the texts more than ${leakageLimit} robust standard deviations likelier than their predicted ${label} lets expect, as a model does that was trained on them:`,
    ),
    ...(rows.length > 0
      ? [dataTable("Models of suspected leakage", [{ title: "Model" }, { title: `Predicted ${label}`, numeric: true }, { title: "Mean log-likelihood", numeric: true }, { title: "Sd above", numeric: true }], rows)]
      : []),
  );
  section.hidden = false;
  show();
}
