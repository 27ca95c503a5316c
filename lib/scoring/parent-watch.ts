/**
 * Runs as a worker thread of the scorer process and ends the process when its parent is gone. The process hears of that itself, too, but not
 * while its event loop is held up: a damaged model can keep it busy for ever.
 */
import { setInterval } from "node:timers";
import { isAlive } from "../process-alive.js";

const parent = process.ppid;
const interval = 500;

setInterval(() => {
  // On Windows an orphan keeps the number of its parent.
  if (process.ppid !== parent || !isAlive(parent)) process.kill(process.pid, "SIGKILL");
}, interval);
