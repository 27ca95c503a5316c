// Stands for llmap-native in the commands of the documentation. Arguments: the built command line, then the command's own.
// What would open a browser does not; `open`, which serves until Ctrl-C, gets one when it has printed its link.
import { spawn } from "node:child_process";

const [main, ...args] = process.argv.slice(2);
const [command] = args;
for (const [name, value] of JSON.parse(process.env.LLMAP_DOCS_OPTIONS ?? "{}")[command] ?? []) {
  const place = args.indexOf(name);
  if (place < 0) args.push(name, value);
  else args[place + 1] = value;
}
const isServed = command === "open" || args.includes("--watch");
const quiet = isServed && !args.includes("--no-browser") ? ["--no-browser"] : [];
const child = spawn(process.execPath, [main, ...args, ...quiet], { stdio: ["ignore", "pipe", "inherit"] });
child.stdout.pipe(process.stdout);
if (command === "open") child.stdout.once("data", () => child.kill("SIGINT"));
child.on("close", (code) => (process.exitCode = code ?? 1));
