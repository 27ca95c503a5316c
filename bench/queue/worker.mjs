/** A worker process of bench:queue. argv[2]: { queue, sharedFiles, threads, parallel, simulated } as JSON; simulated: options of SimulatedScorer, or null. */
import { runWorker } from "../../dist/queue/worker.js";
import { SimulatedScorer } from "./simulated-scorer.mjs";

const { queue, sharedFiles, threads, parallel, simulated } = JSON.parse(process.argv[2]);
const ending = new AbortController();
process.on("message", (message) => message === "end" && ending.abort());
process.on("disconnect", () => process.exit(1));

const scorers = simulated === null ? undefined : Array.from({ length: parallel }, () => new SimulatedScorer(simulated));
const onEvent = (event) => {
  if (event.event === "worker-ready") process.send("ready");
  if (event.event === "warning" || event.event === "model-failed") console.error(`worker: ${event.message ?? event.reason}`);
};
try {
  await runWorker({ queue, sharedFiles, threads, parallel, gpu: "off", signal: ending.signal, onEvent }, scorers);
} catch (error) {
  if (error.code !== "ERR_ABORTED") throw error;
} finally {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  process.send({ processorSeconds: (userCPUTime + systemCPUTime) / 1e6 });
  process.disconnect();
}
