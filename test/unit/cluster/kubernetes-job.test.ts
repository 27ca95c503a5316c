/** The manifest against the schemas of the Kubernetes API, and what the schemas cannot say. */
import { Job, type IJob } from "kubernetes-models/batch/v1/Job";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { kubernetesJob, type IndexedJob } from "../../../lib/cluster/kubernetes-job.js";
import { defaultKubernetesOptions, type KubernetesOptions } from "../../../lib/cluster/kubernetes-options.js";

const job: IndexedJob = { name: "llmap-native-0123456789", tasks: 7, needs: { gpus: 2, memory: 64 }, list: "/runs/out/kubernetes/job.json", out: "/runs/out", modelFailed: 3 };
const options: KubernetesOptions = {
  ...defaultKubernetesOptions,
  image: "registry.example/llmap-native:1",
  claims: [
    { claim: "models", path: "/models" },
    { claim: "runs", path: "/runs" },
  ],
};

function manifest(change: Partial<IndexedJob> = {}, changedOptions: Partial<KubernetesOptions> = {}): IJob {
  return parse(kubernetesJob({ ...job, ...change }, { ...options, ...changedOptions })) as IJob;
}

const containerOf = ({ spec }: IJob) => spec?.template.spec?.containers[0];

describe("an Indexed Job", () => {
  it.each([
    ["with GPUs and a namespace", {}, { namespace: "maps" }],
    ["without GPUs", { needs: { gpus: 0, memory: 4 } }, {}],
    ["as root, by a command of several words", {}, { runAs: { user: 0, group: 0 }, command: ["node", "main.js"] }],
  ])("is valid by the schemas of the API, %s", (_, change, changedOptions) => {
    expect(() => new Job(manifest(change, changedOptions)).validate()).not.toThrow();
  });

  it("would not pass with a field of the wrong type, so the check can fail", () => {
    const wrong = manifest();
    (wrong.spec as unknown as Record<string, unknown>)["completions"] = "seven";
    expect(() => new Job(wrong).validate()).toThrow();
    const nameless = manifest();
    delete (containerOf(nameless) as unknown as Record<string, unknown>)["name"];
    expect(() => new Job(nameless).validate()).toThrow();
  });

  it("has one index a model, no more pods than tasks, and an index that fails alone", () => {
    const { spec } = manifest();
    expect(spec).toMatchObject({ completionMode: "Indexed", completions: 7, parallelism: 7, backoffLimitPerIndex: 3 });
    // Required with a policy of pod failures, as is the name of a container that is there.
    expect(spec?.template.spec?.restartPolicy).toBe("Never");
    expect(spec?.podFailurePolicy?.rules).toEqual([
      { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
      { action: "FailIndex", onExitCodes: { containerName: containerOf(manifest())?.name, operator: "In", values: [3] } },
    ]);
  });

  it("gives a task its index, its resources and its claims, and no rights", () => {
    const container = containerOf(manifest());
    expect(container?.args).toEqual(["score-task", "/runs/out/kubernetes/job.json", "--index", "$(JOB_COMPLETION_INDEX)", "--out", "/runs/out"]);
    expect(container?.env?.find(({ name }) => name === "JOB_COMPLETION_INDEX")?.valueFrom?.fieldRef?.fieldPath).toBe(
      "metadata.annotations['batch.kubernetes.io/job-completion-index']",
    );
    expect(container?.resources?.limits).toEqual({ memory: "65536Mi", "nvidia.com/gpu": 2 });
    expect(container?.securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } });
    const volumes = manifest().spec?.template.spec?.volumes ?? [];
    for (const { name, mountPath } of container?.volumeMounts ?? []) {
      const volume = volumes.find((one) => one.name === name);
      expect(volume?.persistentVolumeClaim?.claimName ?? volume?.emptyDir).toEqual({ "/models": "models", "/runs": "runs", "/tmp": {} }[mountPath]);
    }
    expect(containerOf(manifest({ needs: { gpus: 0, memory: 4 } }))?.resources?.limits).toEqual({ memory: "4096Mi" });
  });

  it("leaves no path to be read as a variable or as YAML", () => {
    const path = "/runs/$(HOME)/a: b #c 'd\" $x";
    const args = containerOf(manifest({ out: path }))?.args ?? [];
    // What Kubernetes makes of it: $$ is a dollar, and no reference is left.
    expect(args.at(-1)?.replaceAll("$$", "\0")).not.toContain("$");
    expect(args.at(-1)?.replaceAll("$$", "$")).toBe(path);
  });
});
