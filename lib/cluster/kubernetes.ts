/** Kubernetes Indexed Jobs for the models of a run that are not scored yet. */
import { mkdir } from "node:fs/promises";
import { isAbsolute, join, relative, resolve } from "node:path";
import { LlmapError } from "../errors.js";
import { cannotWrite, writeFileAtomic } from "../files/atomic-write.js";
import { requireWholeNumber } from "../option-checks.js";
import { partPaths } from "../models/split-files.js";
import type { FailedModel } from "../run/score.js";
import { kubernetesJob } from "./kubernetes-job.js";
import { defaultKubernetesOptions, type KubernetesOptions } from "./kubernetes-options.js";
import { findMissingModels, type MissingOptions } from "./missing-models.js";
import { groupByNeeds, needsOf, requireNeeds, type Needs, type NeedsOptions } from "./needs.js";
import { shellWord } from "./shell-word.js";
import { encodeTaskList } from "./task-list.js";

/** The models and settings of a run, and what its Indexed Jobs ask of the cluster. */
export interface KubernetesJobOptions extends MissingOptions {
  needs?: Partial<NeedsOptions>;
  kubernetes: Partial<KubernetesOptions> & Pick<KubernetesOptions, "image" | "claims">;
  /** Exit code of `score-task` for a model that failed. */
  modelFailed: number;
}

/** The manifests that were written, and what they leave out. */
export interface KubernetesJobs {
  jobs: {
    /** Path of the manifest. */
    manifest: string;
    name: string;
    tasks: number;
    needs: Needs;
    /** The command that creates it. */
    command: string;
  }[];
  /** Names of models. */
  missing: string[];
  complete: string[];
  failed: FailedModel[];
  unreadable: FailedModel[];
}

/**
 * Writes DIR/kubernetes/job-ID.yaml with its list of tasks, one Job for each need of memory and GPUs. Nothing is sent to a cluster.
 * Errors: those of `findMissingModels`; ERR_USAGE, also for a run folder or a model outside of the claims.
 */
export async function kubernetes(options: KubernetesJobOptions): Promise<KubernetesJobs> {
  const chosen: KubernetesOptions = { ...defaultKubernetesOptions, ...options.kubernetes };
  requireWholeNumber("parallelism (--parallelism)", chosen.parallelism, 1, 100_000);
  requireWholeNumber("maxTasks (--max-tasks)", chosen.maxTasks, 1, 100_000);
  requireWholeNumber("retries (--retries)", chosen.retries, 0, 1000);
  requireWholeNumber("cpusPerTask (--cpus-per-task)", chosen.cpusPerTask, 1, 1024);
  requireWholeNumber("the user of runAs (--run-as)", chosen.runAs.user, 0);
  requireWholeNumber("the group of runAs (--run-as)", chosen.runAs.group, 0);
  requireClaims(chosen.claims);
  const wanted: NeedsOptions = { gpus: null, gpuMemory: null, memory: null, ...options.needs };
  requireNeeds(wanted);
  requireMounted("The run folder", resolve(options.out), chosen.claims);
  const { folder, texts, scoring, missing, ...found } = await findMissingModels(options);
  for (const { path, adapters } of missing) {
    for (const file of [...partPaths(path), ...adapters]) requireMounted("The model", file, chosen.claims);
  }
  const directory = join(folder.directory, "kubernetes");
  const result: KubernetesJobs = { jobs: [], missing: missing.map(({ name }) => name), ...found };
  if (missing.length === 0) return result;

  await mkdir(directory, { recursive: true }).catch((error: unknown) => {
    throw cannotWrite(directory, error);
  });
  for (const { needs, models } of groupByNeeds(missing, chosen.maxTasks, (model) => needsOf(model, wanted, scoring))) {
    const { json, id } = encodeTaskList(models, texts, scoring, chosen.cpusPerTask);
    const list = join(directory, `job-${id}.json`);
    const manifest = join(directory, `job-${id}.yaml`);
    const name = `llmap-native-${id}`;
    await writeFileAtomic(list, json);
    await writeFileAtomic(manifest, kubernetesJob({ name, tasks: models.length, needs, list, out: folder.directory, modelFailed: options.modelFailed }, chosen));
    result.jobs.push({ manifest, name, tasks: models.length, needs, command: `kubectl create -f ${shellWord(manifest)}` });
  }
  return result;
}

/** Errors: ERR_USAGE. */
function requireClaims(claims: KubernetesOptions["claims"]): void {
  if (claims.length === 0) throw new LlmapError("ERR_USAGE", "No claim was named; the run folder and the models need one: --claim NAME=/path.");
  for (const { claim, path } of claims) {
    if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(claim)) throw new LlmapError("ERR_USAGE", `Expected the name of a PersistentVolumeClaim for --claim but received ${JSON.stringify(claim)}.`);
    if (!isAbsolute(path) || path.includes(":")) throw new LlmapError("ERR_USAGE", `Expected an absolute path without colons for --claim ${claim}=PATH but received ${JSON.stringify(path)}.`);
  }
  const repeated = claims.find(({ path }, place) => claims.findIndex((other) => resolve(other.path) === resolve(path)) !== place);
  if (repeated !== undefined) throw new LlmapError("ERR_USAGE", `Two claims are mounted at ${repeated.path}; each needs a path of its own.`);
}

/** Errors: ERR_USAGE. */
function requireMounted(thing: string, path: string, claims: KubernetesOptions["claims"]): void {
  const isBelow = (folder: string): boolean => {
    const inside = relative(folder, path);
    return inside !== ".." && !inside.startsWith("../") && !isAbsolute(inside);
  };
  if (claims.some((claim) => isBelow(claim.path))) return;
  const known = claims.map((claim) => `${claim.claim}=${claim.path}`).join(", ");
  throw new LlmapError("ERR_USAGE", `${thing} ${path} lies in none of the claims (${known}), so that no pod would find it. Mount them here at the same paths as in the pods.`);
}
