/** Many whole numbers in a URL: "3-17.20". */

/** @param numbers in increasing order */
export function rangesOf(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && number === last[1] + 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(".");
}

/** What means nothing is passed over. @param count numbers from 0 to one below it are taken over */
export function numbersOf(ranges: string, count: number): number[] {
  return ranges.split(".").flatMap((range) => {
    const [, first = "", last = first] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(range) ?? [];
    if (first === "") return [];
    const to = Math.min(Number(last), count - 1);
    return Array.from({ length: Math.max(0, to - Number(first) + 1) }, (_, i) => Number(first) + i);
  });
}
