/** Seeded random numbers: the same seed gives the same numbers on every machine. */

/** The seed of everything that draws at random and is not given another. */
export const defaultSeed = 42;

/**
 * Uniform numbers in [0, 1): xoshiro128** (Blackman and Vigna 2021, "Scrambled linear pseudorandom number generators"), its state filled from the
 * seed by splitmix32, as its authors advise of a generator of another kind.
 * @param seed a whole number; its lowest 32 bits count
 */
export function seededRandom(seed: number): () => number {
  let mixed = seed >>> 0;
  const next = (): number => {
    mixed = (mixed + 0x9e3779b9) >>> 0;
    let word = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    return (word ^ (word >>> 15)) >>> 0;
  };
  let [a, b, c, d] = [next(), next(), next(), next()];
  return () => {
    const result = Math.imul(rotated(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotated(d, 11);
    return result / 2 ** 32;
  };
}

const rotated = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

/** Standard normal numbers from uniform ones (Box and Muller 1958). */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A whole number from 0 to count - 1, uniform up to count / 2^32. */
export function randomIndex(random: () => number, count: number): number {
  return Math.floor(random() * count);
}

/** The numbers 0 to count - 1 in random order (Fisher and Yates). */
export function randomOrder(random: () => number, count: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = randomIndex(random, i + 1);
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  return order;
}
