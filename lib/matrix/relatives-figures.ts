/** Written by `npm run bench:relatives -- --write`; not by hand. */
import type { RelativesFigures } from "./relatives-errors.js";

export const relativesFigures: RelativesFigures = {
  families: 0, models: 0, texts: 0,
  limits: { merge: 0.2, branchPoint: 0.2, nearness: 0.1, lead: 0.8 },
  withFacts: null,
  withoutFacts: null,
} as unknown as RelativesFigures;
