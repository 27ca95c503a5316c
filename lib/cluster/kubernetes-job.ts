/** The manifest of one Kubernetes Indexed Job. */
import { stringify } from "yaml";
import type { KubernetesOptions } from "./kubernetes-options.js";
import type { Needs } from "./needs.js";

export interface IndexedJob {
  name: string;
  tasks: number;
  needs: Needs;
  /** Absolute paths of the list of tasks and the run folder. */
  list: string;
  out: string;
  /** Exit code of a task whose model failed. */
  modelFailed: number;
}

const container = "score";
/** Cache and temporary files of a pod. */
const scratch = "/tmp";
/** Seconds between SIGTERM and SIGKILL: a batch is finished meanwhile. */
const gracePeriod = 120;

/** The Job as YAML. */
export function kubernetesJob(job: IndexedJob, options: KubernetesOptions): string {
  const { name, tasks, needs } = job;
  const { namespace, claims, runAs } = options;
  const labels = { "app.kubernetes.io/name": "llmap-native", "app.kubernetes.io/instance": name };
  const resources = {
    memory: `${Math.ceil(needs.memory * 1024)}Mi`,
    ...(needs.gpus === 0 ? {} : { [options.gpuResource]: needs.gpus }),
  };
  const manifest = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, ...(namespace === null ? {} : { namespace }), labels },
    spec: {
      completionMode: "Indexed",
      completions: tasks,
      parallelism: Math.min(tasks, options.parallelism),
      backoffLimitPerIndex: options.retries,
      podFailurePolicy: {
        rules: [
          { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
          { action: "FailIndex", onExitCodes: { containerName: container, operator: "In", values: [job.modelFailed] } },
        ],
      },
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: "Never",
          terminationGracePeriodSeconds: gracePeriod,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: {
            runAsNonRoot: runAs.user !== 0,
            runAsUser: runAs.user,
            runAsGroup: runAs.group,
            seccompProfile: { type: "RuntimeDefault" },
          },
          containers: [
            {
              name: container,
              image: options.image,
              command: options.command.map(literal),
              args: ["score-task", literal(job.list), "--index", "$(JOB_COMPLETION_INDEX)", "--out", literal(job.out)],
              env: [
                {
                  name: "JOB_COMPLETION_INDEX",
                  valueFrom: { fieldRef: { fieldPath: "metadata.annotations['batch.kubernetes.io/job-completion-index']" } },
                },
                { name: "HOME", value: scratch },
                { name: "LLMAP_CACHE_DIR", value: `${scratch}/llmap-native` },
              ],
              resources: { requests: { cpu: options.cpusPerTask, ...resources }, limits: resources },
              securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
              volumeMounts: [
                ...claims.map(({ path }, place) => ({ name: `claim-${place}`, mountPath: path })),
                { name: "scratch", mountPath: scratch },
              ],
            },
          ],
          volumes: [
            ...claims.map(({ claim }, place) => ({ name: `claim-${place}`, persistentVolumeClaim: { claimName: claim } })),
            { name: "scratch", emptyDir: {} },
          ],
        },
      },
    },
  };
  return stringify(manifest, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** Kubernetes reads $(NAME) in commands and arguments as a variable; $$ is a dollar. */
function literal(word: string): string {
  return word.replaceAll("$", "$$$$");
}
