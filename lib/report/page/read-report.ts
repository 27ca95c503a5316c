/** Unpacks the data that the page embeds. */
import { Divergences } from "../divergences.js";
import { KlTriangle } from "../kl-triangle.js";
import { unpack } from "../packed.js";
import { sampleOf, type PageData, type PageTexts } from "../page-data.js";
import { heldTokens, type PageTokens } from "../page-tokens.js";
import { restoreLogarithm } from "../quantised.js";
import type { RecordedTokens, Report, Sample } from "../report.js";
import { servedDivergences } from "../served-divergences.js";
import { servedTokens } from "../served-tokens.js";
import { wholeTexts } from "../served-texts.js";
import { byId } from "./dom.js";

export async function readReport(): Promise<Report> {
  const { report, kl, klError, order, overview, texts, tokenModels } = await embedded<PageData>("report-data");
  const values = kl === null || kl instanceof Float32Array ? kl : restoreLogarithm(kl);
  let sample: Promise<Sample> | null = null;
  return {
    ...report,
    divergences: new Divergences(values && new KlTriangle(report.models.length, values), report.neighbours),
    klError,
    order,
    overview: overview && { blocks: overview.blocks, kl: restoreLogarithm(overview.kl) },
    divergencesOf: isServed() ? (models) => servedDivergences(document.baseURI, models) : null,
    textCount: texts,
    sample: () => {
      // What failed is tried again the next time.
      sample ??= readSample().catch((error: unknown) => {
        sample = null;
        throw error;
      });
      return sample;
    },
    tokens: tokenModels && recordedTokens(tokenModels),
  };
}

const isServed = (): boolean => document.documentElement.dataset["served"] !== undefined;

function recordedTokens(models: Uint8Array): RecordedTokens {
  let held: Promise<ReturnType<typeof heldTokens>> | null = null;
  return {
    models,
    of: async (model, text, position) => {
      held ??= embedded<PageTokens>("report-tokens").then(heldTokens);
      const found = (await held)(model, text);
      return found === "elsewhere" && isServed() ? servedTokens(document.baseURI, model, position) : found;
    },
  };
}

async function readSample(): Promise<Sample> {
  const held = await embedded<PageTexts>("report-texts");
  return sampleOf(isServed() ? await wholeTexts(held, document.baseURI) : held);
}

/** The content was written by renderReport of the same version; there is no other source. */
async function embedded<Data>(id: string): Promise<Data> {
  // The script stands before the texts, so that the page is drawn while the browser reads these.
  if (id !== "report-data" && document.readyState === "loading") await new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve, { once: true }));
  const binary = atob(byId(id).textContent);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  // Written by hand: the stream of a Blob would go through another process of the browser.
  const { readable, writable } = new DecompressionStream("gzip");
  const writer = writable.getWriter();
  const written = Promise.all([writer.write(bytes), writer.close()]);
  const [unzipped] = await Promise.all([new Response(readable).arrayBuffer(), written]);
  return unpack(unzipped) as Data;
}
