/** Follows the reader's choice of light or dark; paper is always light. */
import { darkTheme, lightTheme, type ChartTheme } from "../chart/theme.js";

const dark = matchMedia("screen and (prefers-color-scheme: dark)");

export function currentTheme(): ChartTheme {
  return dark.matches ? darkTheme : lightTheme;
}

export function onThemeChange(redraw: () => void): void {
  dark.addEventListener("change", redraw);
}
