/** Numbers as people read them, the same in the page and in the picture. */

export const nothing = "–";

/** At most three significant digits, or four from 1,000 on, without exponent where that stays short: 0.00021, 5.1, 52.8, 1,234. */
export function formatSignificant(value: number): string {
  if (!Number.isFinite(value)) return nothing;
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-5) return value.toExponential(1);
  return value.toLocaleString("en", { maximumSignificantDigits: size >= 1000 ? 4 : 3 });
}

/** KL divergence in bits per byte, without the unit: as above, but 68.0 and 5.10, so that figures in one column can be compared. */
export function formatKl(value: number): string {
  return value >= 1 && value < 1000 ? value.toPrecision(3) : formatSignificant(value);
}

export function formatInteger(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 0 });
}

export function formatFixed(value: number, digits: number): string {
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function formatPercent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

const scales: [number, string, string][] = [
  [1e12, "T", "TB"],
  [1e9, "B", "GB"],
  [1e6, "M", "MB"],
  [1e3, "k", "kB"],
];

/** Number of weights: "940 k", "7.24 B". */
export function formatParameters(count: number): string {
  const [scale, unit] = scales.find(([least]) => count >= least) ?? [1, ""];
  return `${formatSignificant(count / scale)} ${unit}`.trim();
}

/** Decimal units, as model hubs show them. */
export function formatBytes(bytes: number): string {
  const [scale, , unit] = scales.find(([least]) => bytes >= least) ?? [1, "", "bytes"];
  return `${formatSignificant(bytes / scale)} ${unit}`;
}

/** Seconds as "12.3 s", "1:05" or "2:01:05". */
export function formatDuration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = String(Math.floor((whole % 3600) / 60)).padStart(hours > 0 ? 2 : 1, "0");
  return `${hours > 0 ? `${hours}:` : ""}${minutes}:${String(whole % 60).padStart(2, "0")}`;
}

/** An ISO 8601 time as "2025-11-24 02:30 UTC". */
export function formatTime(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** A name in at most `letters` letters, cut in the middle: models of one family differ at the end of their names. */
export function shortenName(name: string, letters: number): string {
  if (name.length <= letters) return name;
  const kept = Math.max(letters - 1, 2);
  return `${name.slice(0, Math.ceil(kept / 2))}…${name.slice(name.length - Math.floor(kept / 2))}`;
}
