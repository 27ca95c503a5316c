/** A text cut where the tokens of one model, or of two, end: what each piece adds to its log-likelihood. */

/** The scored tokens of a text under a model. */
export interface TextTokens {
  /** UTF-8 bytes of the text before the first of them. */
  first: number;
  /** Bytes of the text that each stands for. */
  bytes: ArrayLike<number>;
  /** Nats. */
  logProbs: ArrayLike<number>;
}

export interface TextPiece {
  text: string;
  /** UTF-8 bytes. */
  bytes: number;
  /** Under each tokenization: number of tokens, and the sum of their log-probabilities, nats. Null: a part of the text that one of them does not score. */
  scores: { tokens: number; logProb: number }[] | null;
}

/**
 * The smallest pieces of a text at whose ends a token ends under every tokenization, and no character is halved: so the sums are exact, whatever the
 * tokenizers are. What comes before the first scored token, and after the last one, is a piece without scores.
 * @param content the text, or its beginning
 */
export function textPieces(content: string, tokenizations: readonly TextTokens[]): TextPiece[] {
  const encoded = new TextEncoder().encode(content);
  const sums = tokenizations.map(sumsByEnd);
  const isEnd = (byte: number): boolean => sums.every((sum) => sum.has(byte)) && (encoded[byte] === undefined || (encoded[byte] & 0xc0) !== 0x80);
  const ends = Array.from(sums[0]?.keys() ?? []).filter((byte) => byte <= encoded.length && isEnd(byte));
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const piece = (from: number, to: number, scores: TextPiece["scores"]): TextPiece[] =>
    from === to ? [] : [{ text: decoder.decode(encoded.subarray(from, to)), bytes: to - from, scores }];
  const [first, last] = [ends[0] ?? encoded.length, ends.at(-1) ?? encoded.length];
  const scored = ends.slice(1).flatMap((to, i) => {
    const from = ends[i] ?? 0;
    return piece(
      from,
      to,
      sums.map((sum) => {
        const [before, after] = [sum.get(from), sum.get(to)];
        return { tokens: (after?.tokens ?? NaN) - (before?.tokens ?? NaN), logProb: (after?.logProb ?? NaN) - (before?.logProb ?? NaN) };
      }),
    );
  });
  return [...piece(0, first, null), ...scored, ...piece(last, encoded.length, null)];
}

/** Tokens and log-probabilities up to each byte of the text at which a token ends, in increasing order. Tokens without a byte count with what they follow. */
function sumsByEnd({ first, bytes, logProbs }: TextTokens): Map<number, { tokens: number; logProb: number }> {
  let [byte, logProb] = [first, 0];
  const sums = new Map([[byte, { tokens: 0, logProb }]]);
  for (let token = 0; token < bytes.length; token++) {
    byte += bytes[token] ?? NaN;
    logProb += logProbs[token] ?? NaN;
    if (byte > first) sums.set(byte, { tokens: token + 1, logProb });
  }
  return sums;
}
