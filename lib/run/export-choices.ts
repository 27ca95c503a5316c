/** What can be exported, and how. Apart from the work, so that help and completion are quick. */

/** In the order in which they are written. */
export const exportables = ["scores", "q", "d", "kl", "map", "models", "neighbours", "sources", "tree", "texts"] as const;
/** What `exportRun` can write (docs/formats.md). */
export type Exportable = (typeof exportables)[number];

export const exportFormats = ["csv", "npy", "parquet", "arrow"] as const;
/** Formats that `exportRun` writes. */
export type ExportFormat = (typeof exportFormats)[number];

export const defaultExport: readonly Exportable[] = ["scores", "kl", "map", "models"];
