/** What a worker tells while it works. */
export type WorkerEvent =
  /** It is connected, and waits for tickets. */
  | { event: "worker-ready"; worker: string; queue: string; parallel: number; device: string }
  | { event: "resolving"; model: string; step: "download"; bytes: number; ofBytes: number }
  /** It has a model in hand: part `part` (from 1) of `of`. */
  | { event: "part-start"; model: string; run: string; part: number; of: number }
  | { event: "part-done"; model: string; run: string; part: number; of: number; texts: number; seconds: number }
  /** It failed; it is begun anew, or failed for good. */
  | { event: "model-failed"; model: string; run: string; code: string; reason: string; again: boolean }
  | { event: "warning"; model: string | null; message: string };

/** Told what a worker does. */
export type OnWorkerEvent = (event: WorkerEvent) => void;
