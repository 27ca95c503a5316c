/** What is asked of Kubernetes for every task, and its defaults. */
export interface KubernetesOptions {
  /** Container image with llmap-native. */
  image: string;
  /** PersistentVolumeClaims by name, and where they are mounted: the run folder and the models lie below these paths here as in the pods. */
  claims: readonly { claim: string; path: string }[];
  namespace: string | null;
  /** Most pods at once. */
  parallelism: number;
  /** Most tasks of one Job. */
  maxTasks: number;
  /** How often a task runs again after its pod failed; disruptions do not count, and a model that failed is not tried again. */
  retries: number;
  cpusPerTask: number;
  /** Resource name of GPUs. */
  gpuResource: string;
  /** User and group of the container, whose files they are in the run folder. */
  runAs: { user: number; group: number };
  /** The words that call llmap-native in the image. */
  command: readonly string[];
}

export const defaultKubernetesOptions: Omit<KubernetesOptions, "image" | "claims"> = {
  namespace: null,
  parallelism: 10,
  maxTasks: 10_000,
  retries: 3,
  cpusPerTask: 4,
  gpuResource: "nvidia.com/gpu",
  runAs: { user: 1000, group: 1000 },
  command: ["llmap-native"],
};
