import { expect, test } from "vitest";
import { colourScale, viridisColour } from "../../../../lib/report/chart/colour-scale.js";
import { encodeColour, encodeShape, encodingChoices } from "../../../../lib/report/chart/encoding.js";
import { lightTheme } from "../../../../lib/report/chart/theme.js";
import { reportFields, type CategoryField, type Field } from "../../../../lib/report/fields.js";
import type { ReportModel } from "../../../../lib/report/report-data.js";
import { cloudReport, familyReport } from "../sample-report.js";

const fieldsOf = (models: ReportModel[]): Field[] => reportFields({ models, reference: null, predictions: null });

function fieldOf(models: ReportModel[], id: string): Field {
  const field = fieldsOf(models).find((candidate) => candidate.id === id);
  if (field === undefined) throw new Error(`no field ${id}`);
  return field;
}
const categoryOf = (models: ReportModel[], id: string): CategoryField => {
  const field = fieldOf(models, id);
  if (field.kind !== "category") throw new Error(`${id} is no category`);
  return field;
};

test("models of one category have one colour, of two categories two, and the legend counts them", () => {
  const { models } = familyReport();
  const { colours, legend } = encodeColour(models, fieldOf(models, "architecture"), lightTheme);
  models.forEach((a, i) => {
    models.forEach((b, j) => {
      expect(colours[i] === colours[j]).toBe(a.architecture === b.architecture);
    });
  });
  expect(legend.map(({ title, models: members }) => [title, members.length])).toEqual([
    ["gpt2", 2],
    ["llama", 10],
  ]);
});

test("the rarest of too many categories share one colour", () => {
  const { models } = cloudReport(60);
  const many = models.map((model, i) => ({ ...model, labels: { group: `group ${Math.min(i % 11, 8 + (i % 3))}` } }));
  const { colours, legend } = encodeColour(many, fieldOf(many, "label:group"), lightTheme);
  expect(legend.length).toBe(lightTheme.categories.length + 1);
  expect(legend.at(-1)?.title).toMatch(/^\d others$/);
  expect(legend.reduce((sum, entry) => sum + entry.models.length, 0)).toBe(60);
  expect(new Set(colours)).toEqual(new Set(legend.map((entry) => entry.channel)));
});

test("shapes tell quantizations apart", () => {
  const { models } = familyReport();
  const { shapes, legend } = encodeShape(models, categoryOf(models, "quantization"));
  expect(new Set(shapes).size).toBe(4);
  expect(legend.map((entry) => entry.title)).toEqual(["F16", "Q4_0", "Q5_0", "Q8_0"]);
});

test("the map begins with the user's label, then clusters, and offers only what differs", () => {
  const labelled = familyReport().models;
  const fields = fieldsOf(labelled);
  const choices = encodingChoices(fields, labelled);
  expect(choices.firstColour?.id).toBe("label:recipe");
  expect(choices.firstShape?.id).toBe("quantization");
  expect(choices.colour.map((field) => field.id)).not.toContain("context");

  const plain = labelled.map((model) => ({ ...model, labels: {} }));
  expect(encodingChoices(fieldsOf(plain), plain).firstColour?.id).toBe("cluster");
  const [one] = plain;
  const alike = one === undefined ? [] : [one, one];
  expect(encodingChoices(fieldsOf(alike), alike)).toMatchObject({ firstColour: null, firstShape: null });
});

test("labels are numbers where all of them are, and names of object members are labels like others", () => {
  const models = familyReport(3).models.map((model, i) => ({
    ...model,
    labels: JSON.parse(
      `{"score": "${i * 1.5}", "mixed": "${i === 0 ? "x" : "1"}", "__proto__": "own", "toString": "t"}`,
    ) as Record<string, string>,
  }));
  const byId = new Map(fieldsOf(models).map((field) => [field.id, field]));
  expect(byId.get("label:score")?.kind).toBe("number");
  expect(byId.get("label:mixed")?.kind).toBe("category");
  expect(models.map((model) => byId.get("label:__proto__")?.value(model))).toEqual(["own", "own", "own"]);
  const unlabelled = familyReport(1).models.map((model) => ({ ...model, labels: {} }));
  expect(unlabelled.map((model) => byId.get("label:toString")?.value(model))).toEqual([null]);
});

test("a wide range of values has a logarithmic scale, a narrow one a linear scale", () => {
  const wide = colourScale([0.0002, 0.01, 60, 0]);
  expect(wide.logarithmic).toBe(true);
  expect(wide.ticks).toEqual([0.001, 0.01, 0.1, 1, 10]);
  expect([wide.position(0), wide.position(0.0002), wide.position(60)]).toEqual([0, 0, 1]);
  expect(wide.position(Math.sqrt(0.0002 * 60))).toBeCloseTo(0.5, 12);

  const narrow = colourScale([2, 3, 4]);
  expect(narrow.logarithmic).toBe(false);
  expect([2, 3, 4].map(narrow.position)).toEqual([0, 0.5, 1]);
  expect(colourScale([5, 5]).position(5)).toBe(0);
});

test("the colours of the scale grow lighter all the way", () => {
  const luminance = Array.from({ length: 101 }, (_, i) => {
    const [r, g, b] = viridisColour(i / 100);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  });
  luminance.slice(1).forEach((value, i) => {
    expect(value).toBeGreaterThanOrEqual(luminance[i] ?? 0);
  });
});
