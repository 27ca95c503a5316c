import type { Argv } from "yargs";
import { execute } from "../execute.js";
import { exitCodes } from "../exit-codes.js";
import { withTextsOptions } from "../options/texts-options.js";
import { printResult } from "../print-result.js";
import { textTable } from "../text-table.js";

const builder = (yargs: Argv) =>
  withTextsOptions(yargs)
    .example("$0 texts ./documents --count 1000 --out texts.jsonl", "Cut documents into chunks and draw 1,000 of them")
    .example("$0 texts pile.jsonl --source Github --source ArXiv --per-source --count 500 --out texts.jsonl", "As many of each source")
    .example("$0 texts texts.jsonl --inspect", "What a text set is");

export const addTextsCommand = (cli: Argv): Argv =>
  cli.command("texts <input..>", "Build a text set from documents, or tell what a set is", builder, (args) =>
    execute({ json: args.json, out: args.out ?? "" }, async ({ signal }) => {
      const { texts } = await import("../../run/texts.js"); // loaded when needed: help and completion are quick
      const { out = null, seed, inspect, "max-bytes": maxBytes, "min-bytes": minBytes, "per-source": perSource } = args;
      const facts = await texts({
        inputs: (args.input ?? []).map(String),
        out,
        inspect,
        maxBytes,
        minBytes,
        count: args.count ?? null,
        seed,
        sources: args.source ?? [],
        perSource,
        signal,
      });
      printResult(args.json, "texts", { ...facts, out }, () => [
        `${facts.count} texts of ${facts.leastBytes} to ${facts.mostBytes} bytes, ${facts.meanBytes.toFixed(1)} on average; hash ${facts.hash}`,
        ...textTable(["source", "texts"], facts.sources.map(({ source, count }) => [source ?? "(none)", String(count)])),
        ...(out === null ? [] : [`Written: ${out}`]),
      ]);
      return exitCodes.done;
    }),
  );
