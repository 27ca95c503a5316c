import { expect, it } from "vitest";
import { nearestModels } from "../../../lib/matrix/neighbours.js";

it("lists the nearest models, nearest first, never the model itself", () => {
  const kl = Float64Array.of(0, 3, 1, 3, 0, 2, 1, 2, 0);
  expect(nearestModels(kl, 3, 0, 5)).toEqual([
    { model: 2, kl: 1 },
    { model: 1, kl: 3 },
  ]);
  expect(nearestModels(kl, 3, 1, 1)).toEqual([{ model: 2, kl: 2 }]);
});
