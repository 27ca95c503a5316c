import { expect, test } from "vitest";
import { Store, type PageState } from "../../../lib/report/page/state.js";

const initial: PageState = {
  selected: new Set(),
  focused: null,
  pair: null,
  reference: null,
  hovered: null,
  search: "",
  onlySelected: false,
  colour: null,
  shape: null,
  size: null,
  method: null,
  layers: new Set(),
  view: null,
  theme: "auto",
};

test("tells those who follow a key of its changes, and of no others", () => {
  const store = new Store(initial);
  const told: (number | null)[] = [];
  store.follow(["focused"], ({ focused }) => told.push(focused));
  store.set({ focused: 3 });
  store.set({ search: "llama" });
  store.set({ focused: 3, search: "gpt" });
  expect(told).toEqual([3]);
});

test("an equal value is no change, and stays the same object while another key changes", () => {
  const store = new Store(initial);
  const pair = [1, 2] as const;
  store.set({ pair });
  store.set({ pair: [1, 2], focused: 1 });
  expect(store.state.pair).toBe(pair);
  expect(store.state.focused).toBe(1);
});

test("picks the first, then the second; a third takes the place of the second", () => {
  const store = new Store(initial);
  for (const model of [4, 7, 9]) store.pick(model);
  expect(store.state.focused).toBe(4);
  expect(store.state.pair).toEqual([4, 9]);
});
