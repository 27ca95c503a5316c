/** Options of what is served to a browser: `open`, and `run` and `score` with --watch. */
import type { Argv, InferredOptionTypes, Options } from "yargs";
import { defaultHost } from "../../serve/loopback.js";
import { folderOptions } from "./folder-options.js";

const serveOnlyOptions = {
  port: { group: "Server:", type: "number", requiresArg: true, defaultDescription: "a free one", describe: "Port to serve the page on" },
  host: { group: "Server:", type: "string", requiresArg: true, default: defaultHost, describe: "Address to listen on; others than loopback let other machines in" },
  browser: { group: "Server:", type: "boolean", default: true, describe: "Open the page in the default browser; --no-browser prints the link only" },
} satisfies Record<string, Options>;

export const watchOptions = {
  watch: { group: "Server:", type: "boolean", default: false, describe: "Show progress and the map so far in the browser" },
  ...serveOnlyOptions,
} satisfies Record<string, Options>;

const { out, json } = folderOptions;
export const openOptions = { out, json, ...serveOnlyOptions } satisfies Record<string, Options>;

export type ServeArguments = InferredOptionTypes<typeof serveOnlyOptions>;
export type WatchArguments = InferredOptionTypes<typeof watchOptions>;
export const withWatchOptions = <T>(yargs: Argv<T>) => yargs.options(watchOptions);
export const withOpenOptions = <T>(yargs: Argv<T>) =>
  yargs.positional("folder", { type: "string", defaultDescription: "that of --out", describe: "Run folder" }).options(openOptions);

/** What the arguments ask of the server. */
export const serveOptionsOf = ({ host, port }: ServeArguments) => ({ host, port: port ?? null });
