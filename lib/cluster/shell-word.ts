/** A word as bash reads it. */
export function shellWord(word: string): string {
  return /^[\w@%:.,/=+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
