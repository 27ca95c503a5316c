/** Folders of damaged models, and what became of each when they were scored. Used by a test, and for many more by scripts/damage-models.mjs. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import type { RunEvent } from "../../lib/run/events.js";
import type { CliResult } from "./cli.js";
import { damageGguf, damageKinds } from "./damage-gguf.js";
import { demoModel } from "./fixtures.js";
import { seededRandom } from "../../lib/random.js";

/** Of the three architectures and formats among the demo models. */
const sources = ["small-f16", "base-q4_0", "gpt2b-f16"];

export interface DamagedModel {
  name: string;
  source: string;
  kind: string;
}

/**
 * Writes `count` damaged models into `folder`, the first with this number. A number and a seed always give the same file; 3 models for
 * each kind of damage, one of each source, come before the same kind and source again.
 */
export function writeDamagedModels(folder: string, first: number, count: number, seed: number): DamagedModel[] {
  mkdirSync(folder, { recursive: true });
  const originals = new Map(sources.map((source) => [source, readFileSync(demoModel(source))]));
  return Array.from({ length: count }, (_, i) => {
    const number = first + i;
    const kind = damageKinds[number % damageKinds.length] ?? "";
    const source = sources[Math.floor(number / damageKinds.length) % sources.length] ?? "";
    const name = `damaged-${String(number).padStart(4, "0")}`;
    const original = originals.get(source) ?? Buffer.alloc(0);
    writeFileSync(join(folder, `${name}.gguf`), damageGguf(original, kind, seededRandom(seed * 1_000_003 + number)));
    return { name, source, kind };
  });
}

export interface Outcome extends DamagedModel {
  /** finite: scored, and every log-likelihood is a finite number. lost: anything that must not be. */
  outcome: "finite" | "failed" | "skipped" | "lost";
  /** The error code of one that failed. */
  code: string | null;
  /** Of a failure, of being skipped, or of being lost. */
  reason: string;
}

/** What became of each model. @param result of a command with --json that wrote into `out` */
export function outcomesOf(models: readonly DamagedModel[], result: CliResult, out: string): Outcome[] {
  const events = result.stdout.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as RunEvent] : []));
  const skipped = new Map(
    events.flatMap((event) => (event.event === "models" ? event.skipped : [])).map(({ path, reason }) => [basename(path, ".gguf"), reason]),
  );
  const codes = new Map(events.flatMap((event) => (event.event === "model-failed" ? [[event.model, event.code] as const] : [])));
  const rows = readRows(join(out, "models.arrow"));
  return models.map((model): Outcome => {
    const lost = (reason: string): Outcome => ({ ...model, outcome: "lost", code: null, reason });
    const row = rows.get(model.name);
    const why = skipped.get(model.name);
    if (why !== undefined) {
      return why === "" || row !== undefined ? lost(`skipped, for the reason "${why}", with status ${row?.status ?? "none"}`) : { ...model, outcome: "skipped", code: null, reason: why };
    }
    if (row === undefined) return lost("models.arrow does not have it");
    const code = codes.get(model.name) ?? null;
    if (row.status === "failed") {
      if (code === null || row.error === null || row.error.trim() === "") return lost(`failed with code ${code ?? "none"} and reason "${row.error ?? ""}"`);
      return { ...model, outcome: "failed", code, reason: row.error };
    }
    const scores = join(out, "scores", `${model.name}.arrow`);
    if (row.status !== "complete" || !existsSync(scores)) return lost(`status ${row.status}, score file ${existsSync(scores) ? "there" : "missing"}`);
    const values = Array.from(tableFromIPC(readFileSync(scores)).getChild("log_likelihood") ?? [], Number);
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong !== -1 || values.length === 0) return lost(`the log-likelihood of text ${wrong} is ${values[wrong] ?? "missing"}`);
    return { ...model, outcome: "finite", code: null, reason: "" };
  });
}

function readRows(path: string): Map<string, { status: string; error: string | null }> {
  if (!existsSync(path)) return new Map();
  const table = tableFromIPC(readFileSync(path));
  const column = (name: string): (string | null)[] => Array.from(table.getChild(name) ?? []) as (string | null)[];
  const errors = column("error");
  const statuses = column("status");
  return new Map(column("model").map((model, row) => [String(model), { status: String(statuses[row]), error: errors[row] ?? null }]));
}

/** Hidden files of a run folder that nothing but a fault leaves there. A model that failed may keep its stream of rows for another try. */
export function strayFiles(out: string, outcomes: readonly Outcome[]): string[] {
  const failed = outcomes.filter(({ outcome }) => outcome === "failed").map(({ name }) => name);
  return [out, join(out, "scores")]
    .flatMap((folder) => readdirSync(folder).filter((name) => name.startsWith(".")))
    .filter((file) => !(file.endsWith(".arrows") && failed.some((name) => file.startsWith(`.${name}.`))));
}
