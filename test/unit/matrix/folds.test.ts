import { describe, expect, it } from "vitest";
import { consecutiveFolds, groupedFolds, shuffledFolds } from "../../../lib/matrix/folds.js";
import { randomIndex, seededRandom } from "../../../lib/random.js";

function sizes(folds: Int32Array, count: number): number[] {
  return Array.from({ length: count }, (_, fold) => folds.filter((of) => of === fold).length);
}

describe("consecutiveFolds", () => {
  it("cuts as scikit-learn's KFold does: the first ones have one more", () => {
    expect(Array.from(consecutiveFolds(12, 5))).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 4]);
    expect(Array.from(consecutiveFolds(10, 5))).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
    expect(Array.from(consecutiveFolds(3, 3))).toEqual([0, 1, 2]);
  });
});

describe("shuffledFolds", () => {
  it("has the same sizes, each item in any fold equally often", () => {
    const random = seededRandom(1);
    const first = new Float64Array(5);
    for (let draw = 0; draw < 5000; draw++) {
      const folds = shuffledFolds(12, 5, random);
      expect(sizes(folds, 5)).toEqual([3, 3, 2, 2, 2]);
      first[folds[0] ?? 0] = (first[folds[0] ?? 0] ?? 0) + 1;
    }
    const expected = [3, 3, 2, 2, 2].map((size) => (5000 * size) / 12);
    first.forEach((count, fold) => expect(Math.abs(count - (expected[fold] ?? NaN))).toBeLessThan(5 * Math.sqrt(expected[fold] ?? NaN)));
  });
});

describe("groupedFolds", () => {
  it("never splits a group, leaves no fold empty, and differs from draw to draw", () => {
    const random = seededRandom(2);
    const seen = new Set<string>();
    for (let draw = 0; draw < 300; draw++) {
      const groupCount = 5 + randomIndex(random, 20);
      const groups = Array.from({ length: 60 }, (_, i) => `g${i < groupCount ? i : randomIndex(random, groupCount)}`);
      const folds = groupedFolds(groups, 5, random);
      const foldOf = new Map(groups.map((group, i) => [group, folds[i]]));
      groups.forEach((group, i) => expect(folds[i]).toBe(foldOf.get(group)));
      expect(Math.min(...sizes(folds, 5))).toBeGreaterThan(0);
    }
    const groups = Array.from({ length: 20 }, (_, i) => `g${i % 10}`);
    for (let draw = 0; draw < 50; draw++) {
      const folds = groupedFolds(groups, 5, random);
      expect(sizes(folds, 5)).toEqual([4, 4, 4, 4, 4]);
      seen.add(folds.join());
    }
    expect(seen.size).toBeGreaterThan(45);
  });

  it("is at most one group from balanced: no fold exceeds the smallest by more than the largest group", () => {
    const random = seededRandom(3);
    const groups = Array.from({ length: 200 }, (_, i) => `g${Math.floor(Math.sqrt(i))}`); // of 1, 3, 5, ... items
    for (let draw = 0; draw < 100; draw++) {
      const found = sizes(groupedFolds(groups, 5, random), 5);
      expect(Math.max(...found) - Math.min(...found)).toBeLessThanOrEqual(27);
    }
  });
});
