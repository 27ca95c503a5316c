/** A GGUF language model on this machine: where it is, what its metadata says, and how the map names it. */

/** Facts from the GGUF header, of a model with adapters from that of its base; null where the file does not say. */
export interface ModelFacts {
  /** `general.architecture`, for example "llama". */
  architecture: string;
  /** `general.name`. */
  title: string | null;
  /** Number of weights, summed over the tensors of all files. */
  parameters: number;
  /** llama.cpp's name of the file type, for example "Q4_K_M" or "F16". */
  quantization: string | null;
  /** Bytes of all files of the model, adapters included. */
  bytes: number;
  /** Trained context length in tokens. */
  contextLength: number | null;
  /** Number of tokens in the vocabulary. */
  vocabularySize: number | null;
  /** `tokenizer.ggml.model`, for example "gpt2" or "llama". */
  tokenizer: string | null;
  /** `tokenizer.ggml.add_bos_token`; null: the tokenizer's default. */
  addBosToken: boolean | null;
}

/** A model that is there to be scored. */
export interface Model {
  /**
   * Unique in the run: the file name without .gguf ("base+adapter" of a model with an adapter), told apart by folder where two are equal, unless a list
   * names it.
   */
  name: string;
  /** The name made safe for a file, unique in the run also on case-insensitive file systems. */
  fileName: string;
  /** Absolute path of the file (the first part of a split model). */
  path: string;
  /** Absolute paths of the LoRA adapters that are applied to it, in the order named. */
  adapters: string[];
  /** What the user wrote: a path, hf: URI or URL, or several joined by +. */
  reference: string;
  /** SHA-256 (hex) of the file; of a split model, of its parts' hashes in hex, joined by newlines; with adapters, docs/formats.md has the rule. */
  sha256: string;
  facts: ModelFacts;
  /** Columns of the list that named the model, as strings. */
  labels: Record<string, string>;
  /** Where nothing is to be fetched: the URI of its file, then of each adapter; null for one that was named by its path. */
  uris?: (string | null)[];
}

/** A model at a URI that has not been fetched. */
export interface RemoteModel extends Pick<Model, "name" | "fileName" | "reference" | "labels"> {
  /** Of its file, then of each adapter; null for one that is here. */
  uris: (string | null)[];
  /** Where the files are that are here; of the others the path of the URI. */
  paths: string[];
}

/** A model whose header is read and whose files are not, so that its identity is not known. */
export type InspectedModel = Omit<Model, "sha256">;

/** A file that was found but is not a language model to score (a projector, an adapter, ...). Not a failure. */
export interface SkippedModel {
  path: string;
  reason: string;
}

/** A file that should be a model but cannot be one here (a damaged header). It does not stop the others. */
export interface UnreadableModel {
  name: string;
  path: string;
  adapters: string[];
  reason: string;
}

/** The models that were meant, the files that are no language models, and those whose header cannot be read. */
export interface ResolvedModels {
  models: Model[];
  skipped: SkippedModel[];
  unreadable: UnreadableModel[];
  /** Only where nothing is to be fetched. */
  remote?: RemoteModel[];
}

export interface InspectedModels extends Omit<ResolvedModels, "models"> {
  models: InspectedModel[];
}
