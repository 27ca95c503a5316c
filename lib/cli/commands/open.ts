import { once } from "node:events";
import type { Argv } from "yargs";
import { execute } from "../execute.js";
import { exitCodes } from "../exit-codes.js";
import { serveOptionsOf, withOpenOptions } from "../options/serve-options.js";
import { showLink } from "../show-link.js";

const builder = (yargs: Argv) =>
  withOpenOptions(yargs)
    .example("$0 open out", "Show the page of a run, with its whole texts, in the browser")
    .example("$0 open out --no-browser --port 8080", "Print the link only, for a tunnel to another machine");

export const addOpenCommand = (cli: Argv): Argv =>
  cli.command("open [folder]", "Serve the page of a run folder on this machine and open it", builder, (args) => {
    const out = args.folder ?? args.out;
    const work = async ({ signal }: { signal: AbortSignal }): Promise<number> => {
      const { openRun } = await import("../../serve/open-run.js"); // loaded when needed: help and completion are quick
      const server = await openRun({ out, ...serveOptionsOf(args) });
      showLink(server.url, "open", args);
      if (!args.json) console.error("Press Ctrl-C to end.");
      if (!signal.aborted) await once(signal, "abort");
      await server.close();
      return exitCodes.done; // there is no other end, and nothing is unfinished
    };
    return execute({ json: args.json, out }, work, null);
  });
