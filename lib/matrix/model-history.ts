/** What facts and labels say of who can have been made from whom. */

export interface ModelHistory {
  /** Null where unknown. */
  architecture: string | null;
  vocabularySize: number | null;
  quantization: string | null;
  /** Weights, and bytes of the file; 0 where unknown. */
  parameters: number;
  bytes: number;
  /** The labels `trajectory`, `step` and `date`. */
  trajectory: string | null;
  step: number | null;
  date: string | null;
}

/** Adapters and longer vocabularies add a few weights; another size is another model. */
const mostGrowth = 1.1;
/** Files of one quantization differ a little in their bits per weight. */
const fewestBits = 0.9;

/** Null where size or number of weights is unknown. */
export function bitsPerWeight(model: ModelHistory | undefined): number | null {
  return model !== undefined && model.bytes > 0 && model.parameters > 0 ? (8 * model.bytes) / model.parameters : null;
}

/** Why one model cannot have been made from the weights of another, as a phrase; null where nothing known speaks against it. */
export function cannotBeParent(parent: ModelHistory, child: ModelHistory): string | null {
  if (parent.architecture !== null && child.architecture !== null && parent.architecture !== child.architecture) return "another architecture";
  if (parent.parameters > 0 && child.parameters > 0) {
    const ratio = parent.parameters / child.parameters;
    if (ratio > mostGrowth || ratio < 1 / mostGrowth) return "another number of parameters";
  }
  const [parentBits, childBits] = [bitsPerWeight(parent), bitsPerWeight(child)];
  if (parentBits !== null && childBits !== null && parentBits < fewestBits * childBits) return "fewer bits per weight";
  if (parent.trajectory !== null && parent.trajectory === child.trajectory && parent.step !== null && child.step !== null && parent.step > child.step) {
    return "a later step of the same training";
  }
  const [before, after] = [Date.parse(parent.date ?? ""), Date.parse(child.date ?? "")];
  return before > after ? "a later date" : null;
}

/** What is known in common of a parent and its child, for people. */
export function sharedFacts(parent: ModelHistory, child: ModelHistory): string[] {
  const facts: string[] = [];
  if (parent.architecture !== null && parent.architecture === child.architecture) facts.push(`same architecture (${parent.architecture})`);
  if (parent.vocabularySize !== null && child.vocabularySize !== null) {
    facts.push(parent.vocabularySize === child.vocabularySize ? `same vocabulary size (${parent.vocabularySize})` : `vocabulary ${parent.vocabularySize}, then ${child.vocabularySize}`);
  }
  if (parent.parameters > 0 && parent.parameters === child.parameters) facts.push("same number of parameters");
  if (parent.quantization !== null && child.quantization !== null) {
    facts.push(parent.quantization === child.quantization ? `both ${child.quantization}` : `${parent.quantization}, then ${child.quantization}`);
  }
  if (parent.trajectory !== null && parent.trajectory === child.trajectory && parent.step !== null && child.step !== null) facts.push(`step ${parent.step}, then ${child.step}`);
  if (parent.date !== null && child.date !== null) facts.push(`${parent.date}, then ${child.date}`);
  return facts;
}
