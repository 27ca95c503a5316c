/** What a worker scores with; apart from the worker's other types, which name those of bullmq and ioredis and so would not compile without these. */
import type { ScorerSupervisor } from "../scoring/scorer-supervisor.js";

/** What scores models, one at a time: a scorer process in the hands of its supervisor, or what a program puts in its place. */
export type ModelScorer = Pick<ScorerSupervisor, "score" | "dispose">;
