/** Options that decide how the map is drawn. */
import type { Argv, InferredOptionTypes, Options } from "yargs";
import { linkageMethods } from "../../map/linkage.js";
import { mapMethods, tsneMetrics, type MapMethod } from "../../map/map-method.js";
import { defaultSeed } from "../../random.js";
import { defaultClip, defaultMapResamples, type MapOptions } from "../../run/options.js";
import type { FolderArguments } from "./folder-options.js";

export const mapOnlyOptions = {
  clip: {
    group: "Map:",
    type: "number",
    default: defaultClip,
    requiresArg: true,
    describe: "Quantile below which log-likelihoods are clipped; 0 clips nothing",
  },
  map: {
    group: "Map:",
    type: "string",
    requiresArg: true,
    default: "auto",
    describe: `Kind of map: ${mapMethods.join(", ")}, or several with commas; auto: tsne,mds from 50 models on, else mds`,
  },
  dimensions: { group: "Map:", choices: [2, 3] as const, requiresArg: true, default: 2 as const, describe: "Axes of the map" },
  seed: { group: "Map:", type: "number", requiresArg: true, default: defaultSeed, describe: "Seed of tsne, umap and the bootstrap" },
  perplexity: {
    group: "Map:",
    type: "number",
    requiresArg: true,
    defaultDescription: "30, or a third of the models",
    describe: "tsne: how many models count as near",
  },
  "tsne-metric": {
    group: "Map:",
    choices: tsneMetrics,
    requiresArg: true,
    default: "euclidean" as const,
    describe: "tsne: affinities from squared distances, or from their squares",
  },
  "tsne-iterations": { group: "Map:", type: "number", requiresArg: true, default: 1000, describe: "tsne: most iterations" },
  linkage: { group: "Map:", choices: linkageMethods, requiresArg: true, default: "average" as const, describe: "How the tree joins clusters" },
  clusters: { group: "Map:", type: "string", requiresArg: true, default: "auto", describe: "How many clusters; auto: by silhouette" },
  bootstrap: {
    group: "Map:",
    type: "number",
    default: defaultMapResamples,
    requiresArg: true,
    describe: "Resamples of the texts behind intervals and ellipses; 0: none",
  },
  trajectory: { group: "Map:", type: "string", requiresArg: true, defaultDescription: "trajectory", describe: "Label that names a path of checkpoints, drawn as a line" },
  step: { group: "Map:", type: "string", requiresArg: true, defaultDescription: "step", describe: "Label that holds a checkpoint's place on it, a number" },
  reference: { group: "Map:", type: "string", requiresArg: true, describe: "Model to measure all others from (kl_to_reference, pareto in map.arrow)" },
} satisfies Record<string, Options>;

type MapArguments = FolderArguments & InferredOptionTypes<typeof mapOnlyOptions>;
export const withMapOptions = <T>(yargs: Argv<T>) => yargs.options(mapOnlyOptions);

/** What the arguments ask of `map`. */
export function mapOptionsOf(args: MapArguments): MapOptions {
  return {
    out: args.out,
    clip: args.clip,
    // What is no method is refused by name later, where the API's options are checked.
    map: args.map === "auto" ? args.map : (args.map.split(",").map((name) => name.trim()) as MapMethod[]),
    dimensions: args.dimensions,
    seed: args.seed,
    perplexity: args.perplexity ?? null,
    tsneMetric: args["tsne-metric"],
    tsneIterations: args["tsne-iterations"],
    linkage: args.linkage,
    clusters: args.clusters === "auto" ? "auto" : Number(args.clusters),
    bootstrap: args.bootstrap,
    ...(args.trajectory === undefined ? {} : { trajectory: args.trajectory }),
    ...(args.step === undefined ? {} : { step: args.step }),
    reference: args.reference ?? null,
    threads: args.threads ?? null,
  };
}
