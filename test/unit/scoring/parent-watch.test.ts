import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { setTimeout } from "node:timers/promises";
import { expect, it } from "vitest";
import { packageRoot } from "../../../lib/package-root.js";
import { isAlive } from "../../../lib/process-alive.js";
import { temporaryFolder } from "../../helpers/temporary-folder.js";

it("ends a process whose event loop is held up when its parent is killed", async () => {
  const folder = temporaryFolder();
  const watch = pathToFileURL(join(packageRoot, "dist", "scoring", "parent-watch.js")).href;
  const busy = join(folder, "busy.mjs");
  writeFileSync(
    busy,
    `import { Worker } from "node:worker_threads";
     new Worker(new URL(${JSON.stringify(watch)})).once("online", () => {
       process.stdout.write("busy\\n");
       const end = Date.now() + 60_000;
       while (Date.now() < end);
     });`,
  );
  const parent = spawn(process.execPath, [
    "-e",
    `const child = require("node:child_process").spawn(process.execPath, [${JSON.stringify(busy)}], { stdio: ["ignore", "pipe", "ignore"] });
     child.stdout.once("data", () => console.log(child.pid));
     setInterval(() => undefined, 1000);`,
  ]);
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  const pid = Number(line.toString());
  expect(isAlive(pid)).toBe(true);
  await setTimeout(1000); // the watch has looked once
  parent.kill("SIGKILL");
  for (let waited = 0; waited < 20_000 && isAlive(pid); waited += 100) await setTimeout(100);
  expect(isAlive(pid)).toBe(false);
});
