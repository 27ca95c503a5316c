/** Unpacks the data that the page embeds. */
import { Divergences } from "../divergences.js";
import { KlTriangle } from "../kl-triangle.js";
import { unpack } from "../packed.js";
import type { PageData, PageTexts } from "../page-data.js";
import { columnError, restoreLogarithm, restoreRow } from "../quantised.js";
import type { Report, Sample } from "../report.js";
import { wholeTexts } from "../served-texts.js";
import { byId } from "./dom.js";

export async function readReport(): Promise<Report> {
  const { report, kl, klError, order, overview, texts } = await embedded<PageData>("report-data");
  const values = kl === null || kl instanceof Float32Array ? kl : restoreLogarithm(kl);
  let sample: Promise<Sample> | null = null;
  return {
    ...report,
    divergences: new Divergences(values && new KlTriangle(report.models.length, values), report.neighbours),
    klError,
    order,
    overview: overview && { blocks: overview.blocks, kl: restoreLogarithm(overview.kl) },
    textCount: texts,
    sample: () => {
      // What failed is tried again the next time.
      sample ??= readSample().catch((error: unknown) => {
        sample = null;
        throw error;
      });
      return sample;
    },
  };
}

async function readSample(): Promise<Sample> {
  const { logLikelihoods, ...held } = await embedded<PageTexts>("report-texts");
  const texts = document.documentElement.dataset["served"] === undefined ? held : await wholeTexts(held, document.baseURI);
  return { ...texts, logLikelihoods: (model) => restoreRow(logLikelihoods, model), error: columnError(logLikelihoods) };
}

/** The content was written by renderReport of the same version; there is no other source. */
async function embedded<Data>(id: string): Promise<Data> {
  const binary = atob(byId(id).textContent);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  const unzipped = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return unpack(await new Response(unzipped).arrayBuffer()) as Data;
}
