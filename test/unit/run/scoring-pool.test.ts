import { describe, expect, it } from "vitest";
import { gpuEnvironment, parallelByGpus } from "../../../lib/run/scoring-pool.js";

const two = { backend: "cuda", names: ["A", "B"], memory: 2e9 };

describe("models at once", () => {
  it("are as many as GPUs where the largest fits into one", () => {
    expect(parallelByGpus(two, 0.7e9)).toBe(2);
    expect(parallelByGpus(two, 0.9e9)).toBe(1);
    expect(parallelByGpus({ ...two, names: ["A"] }, 1)).toBe(1);
    expect(parallelByGpus({ ...two, backend: "vulkan" }, 1)).toBe(1);
    expect(parallelByGpus({ backend: "cpu", names: [], memory: 0 }, 1)).toBe(1);
  });
});

describe("the GPU that a scorer process sees", () => {
  it("is dealt out in turn, from those that the environment names", () => {
    expect([0, 1, 2].map((worker) => gpuEnvironment(two, worker, {}))).toEqual(["0", "1", "0"].map((id) => ({ CUDA_VISIBLE_DEVICES: id })));
    expect(gpuEnvironment(two, 1, { CUDA_VISIBLE_DEVICES: "5, 7" })).toEqual({ CUDA_VISIBLE_DEVICES: "7" });
    expect(gpuEnvironment({ ...two, backend: "vulkan" }, 1, { GGML_VK_VISIBLE_DEVICES: "1,2" })).toEqual({ GGML_VK_VISIBLE_DEVICES: "2" });
    expect(gpuEnvironment({ ...two, backend: "vulkan" }, 1, {})).toEqual({});
  });

  it("is not chosen with one GPU, on Metal and on a CPU", () => {
    expect(gpuEnvironment({ ...two, names: ["A"] }, 0, {})).toEqual({});
    expect(gpuEnvironment({ ...two, backend: "metal" }, 0, {})).toEqual({});
    expect(gpuEnvironment({ backend: "cpu", names: [], memory: 0 }, 0, {})).toEqual({});
  });
});
