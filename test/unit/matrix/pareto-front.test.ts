import { expect, it } from "vitest";
import { paretoFront } from "../../../lib/matrix/pareto-front.js";
import { randomIndex, seededRandom } from "../../../lib/random.js";

it("has the models that no other one dominates, and no others", () => {
  const random = seededRandom(1);
  for (let round = 0; round < 200; round++) {
    const count = 1 + randomIndex(random, 12);
    // Few values, so that sizes and distances are often equal.
    const sizes = Array.from({ length: count }, () => randomIndex(random, 5));
    const distances = Array.from({ length: count }, () => (random() < 0.1 ? NaN : randomIndex(random, 5)));
    const value = (values: number[], i: number): number => values[i] ?? NaN;
    const known = Array.from(sizes.keys()).filter((i) => value(sizes, i) > 0 && !Number.isNaN(value(distances, i)));
    const dominates = (j: number, i: number): boolean =>
      value(sizes, j) <= value(sizes, i) && value(distances, j) <= value(distances, i) && (value(sizes, j) < value(sizes, i) || value(distances, j) < value(distances, i));
    const expected = known.filter((i) => !known.some((j) => dominates(j, i)));
    const front = paretoFront(sizes, distances);
    expect([...front].sort((a, b) => a - b)).toEqual(expected);
    front.slice(1).forEach((model, i) => expect(value(sizes, model)).toBeGreaterThanOrEqual(value(sizes, front[i] ?? -1)));
  }
});
