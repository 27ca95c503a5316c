/** Started by start-up.mjs: takes the steps of a scorer process one by one and sends the seconds that each took. */
process.once("message", async ({ modelPath, contents, started }) => {
  const seconds = { "process started": (performance.timeOrigin + performance.now() - started) / 1000 };
  const step = async (name, work) => {
    const begun = performance.now();
    const result = await work();
    seconds[name] = (performance.now() - begun) / 1000;
    return result;
  };
  // What the scorer process imports; then the helpers of the benchmark, whose imports are all loaded by then.
  await step("imports", () => import("../dist/scoring/prepare-model.js"));
  const { planOf, openBackend, openModel, openScorers, tokenise } = await import("./contexts.mjs");
  const { threads } = await import("./report.mjs");
  const { sequenceOf } = await import("../dist/scoring/tokenise.js");

  const backend = await step("backend", openBackend);
  const model = await step("model", () => openModel(backend, modelPath));
  const sequences = await step("tokens", () => tokenise(model, contents));
  const plan = planOf(model, sequences);
  const scoring = await step("one context", () => openScorers(backend, model, sequences, plan, { contexts: 1, threadsEach: threads }));
  const [first] = scoring.batches;
  await step("one batch", () => scoring.scorers[0].scoreBatch(Array.from(first, (text) => sequenceOf(sequences, text))));
  process.send(seconds, () => process.exit(0));
});
