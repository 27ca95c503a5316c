/**
 * Runs as a worker thread of the scorer process and ends the process when its parent is gone. The process hears of that itself, too, but not
 * while its event loop is held up: a damaged model can keep it busy for ever.
 */
import { setInterval } from "node:timers";

const parent = process.ppid;
const interval = 500;

setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, "SIGKILL");
}, interval);
