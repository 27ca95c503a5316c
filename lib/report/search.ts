/** Which models a search finds. */
import { fieldText, type Field } from "./fields.js";
import type { ReportModel } from "./report-data.js";

/** Terms with spaces between them: llama, -chat, quantization:q4, family:"two words". */
const termPattern = /(-?)(?:([^\s":]+):)?(?:"([^"]*)"?|(\S+))/g;

/**
 * All terms must be found, those after a minus must not. A term is looked for in the name, the title and the categories; behind a field's title and
 * a colon in that field alone. Case does not matter.
 * @returns whether a model is found
 */
export function searchFor(query: string, fields: readonly Field[]): (model: ReportModel) => boolean {
  const plain = (text: string): string => text.toLowerCase();
  const categories = fields.filter(({ kind }) => kind === "category");
  const terms = Array.from(plain(query).matchAll(termPattern), ([whole, minus = "", key = "", quoted, word = ""]) => {
    const field = fields.find(({ id, title }) => key !== "" && (plain(title) === key || plain(id) === key)) ?? null;
    // A colon that names no field is part of what is looked for.
    const text = field !== null || key === "" ? (quoted ?? word) : whole.slice(minus.length);
    return { field, text, negated: minus !== "" };
  }).filter(({ text }) => text !== "");
  return (model) =>
    terms.every(({ field, text, negated }) => {
      const places = field === null ? [model.name, model.title ?? "", ...categories.map((category) => fieldText(category, model))] : [fieldText(field, model)];
      return places.some((place) => plain(place).includes(text)) !== negated;
    });
}
