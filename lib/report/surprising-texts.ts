/** Texts that a model finds likelier, or less likely, than the other models let expect: the entries of Q farthest from 0. */
import type { Report, Sample } from "./report.js";

export interface SurprisingText {
  /** Index of the page's texts. */
  text: number;
  /** Entry of the double-centred matrix Q, nats: above 0 where the model finds the text likelier than expected. */
  centred: number;
  /** Nats, not clipped. */
  logLikelihood: number;
}

/** Q of the texts of the page. Row means are those over all texts of the run, which the page has of every model. */
export class CentredTexts {
  readonly #columnMeans: Float64Array;

  /** One pass over the log-likelihoods of all models; those that were not scored on all texts are passed over. */
  constructor(
    private readonly report: Pick<Report, "models" | "clip">,
    private readonly sample: Sample,
  ) {
    const sums = new Float64Array(sample.positions.length);
    let scored = 0;
    for (let model = 0; model < report.models.length; model++) {
      const row = this.#rowCentred(model);
      if (row.some(Number.isNaN)) continue;
      scored++;
      for (let text = 0; text < sums.length; text++) sums[text] = (sums[text] ?? NaN) + (row[text] ?? NaN);
    }
    this.#columnMeans = sums.map((sum) => sum / scored);
  }

  /** Nats, one per text of the page; NaN for a model that was not scored on all texts. */
  of(model: number): Float64Array {
    return this.#rowCentred(model).map((value, text) => value - (this.#columnMeans[text] ?? NaN));
  }

  /** The texts farthest below and above what is expected, farthest first, at most `most` each. */
  farthest(model: number, most: number): { below: SurprisingText[]; above: SurprisingText[] } {
    const raw = this.sample.logLikelihoods(model);
    const texts = Array.from(this.of(model), (centred, text): SurprisingText => ({ text, centred, logLikelihood: raw[text] ?? NaN }));
    const sorted = texts.filter(({ centred }) => !Number.isNaN(centred)).sort((a, b) => a.centred - b.centred);
    return {
      below: sorted.filter(({ centred }) => centred < 0).slice(0, most),
      above: sorted.filter(({ centred }) => centred > 0).slice(-most).reverse(),
    };
  }

  #rowCentred(model: number): Float64Array {
    const mean = this.report.models[model]?.meanLogLikelihood ?? NaN;
    return clippedLogLikelihoods(this.report, this.sample, model).map((value) => value - mean);
  }
}

/** Log-likelihoods of the page's texts, raised to the clip threshold of the run; nats. */
export function clippedLogLikelihoods({ clip }: Pick<Report, "clip">, sample: Sample, model: number): Float64Array {
  const threshold = clip?.threshold ?? -Infinity;
  return sample.logLikelihoods(model).map((value) => Math.max(value, threshold));
}
