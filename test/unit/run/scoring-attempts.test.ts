import { describe, expect, it } from "vitest";
import { LlmapError, type ErrorCode } from "../../../lib/errors.js";
import { attemptOf, nextAttempt } from "../../../lib/run/scoring-attempts.js";
import { ScorerFault } from "../../../lib/scoring/scorer-fault.js";
import { defaultScoringOptions } from "../../../lib/scoring/settings.js";

const asked = { ...defaultScoringOptions, sequences: 4 };
const plan = { batchTokens: 256, sequences: 4, contextSize: 512 };
const failure = (code: ErrorCode, backend: string | null, known = true): LlmapError =>
  new LlmapError(code, "reason", { cause: new ScorerFault("reason", "scoring", backend, known ? plan : null, "") });

describe("after a failure", () => {
  it("smaller batches come first, then the CPU if it was a GPU's", () => {
    const second = nextAttempt(attemptOf(null, asked), asked, failure("ERR_SCORING", "cuda"));
    expect(second).toMatchObject({ fallback: "smaller batch", options: { gpu: "auto", batchTokens: 64, sequences: 1 } });
    const third = second && nextAttempt(second, asked, failure("ERR_SCORING", "cuda"));
    expect(third).toMatchObject({ fallback: "cpu", options: { ...asked, gpu: "off" } });
    expect(third && nextAttempt(third, asked, failure("ERR_SCORING", "cpu"))).toBeNull();
  });

  it("a CPU's is tried once more only", () => {
    const second = nextAttempt(attemptOf(null, asked), asked, failure("ERR_MEMORY", "cpu"));
    expect(second?.fallback).toBe("smaller batch");
    expect(second && nextAttempt(second, asked, failure("ERR_SCORING", "cpu"))).toBeNull();
  });

  it("batches are small also where the plan was not known", () => {
    expect(nextAttempt(attemptOf(null, asked), asked, failure("ERR_SCORING", null, false))?.options.batchTokens).toBe(64);
    const chosen = { ...asked, batchTokens: 2 };
    expect(nextAttempt(attemptOf(null, chosen), chosen, failure("ERR_SCORING", null, false))?.options.batchTokens).toBe(1);
  });

  it.each<ErrorCode>(["ERR_NUMERIC", "ERR_MODEL_LOAD"])("%s is tried on the CPU after a GPU, and else not again", (code) => {
    expect(nextAttempt(attemptOf(null, asked), asked, failure(code, "cuda"))?.fallback).toBe("cpu");
    expect(nextAttempt(attemptOf(null, asked), asked, failure(code, "cpu"))).toBeNull();
  });

  it("texts without a token, and errors that are not the scorer's, are not tried again", () => {
    expect(nextAttempt(attemptOf(null, asked), asked, failure("ERR_TEXTS", "cuda"))).toBeNull();
    expect(nextAttempt(attemptOf(null, asked), asked, new LlmapError("ERR_SCORING", "no fault behind it"))).toBeNull();
  });
});
