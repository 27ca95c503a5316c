/** Colours of the charts. The page's own colours are in page/page.css. */

export interface ChartTheme {
  text: string;
  muted: string;
  line: string;
  background: string;
  /** For the most frequent categories. */
  categories: readonly string[];
  /** For the categories beyond those, and for unknown values. */
  other: string;
}

/** From Okabe and Ito's palette for colour-blind readers, without its yellow, which is too faint on white. */
const okabeIto = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

export const lightTheme: ChartTheme = {
  text: "#1b1f24",
  muted: "#57606a",
  line: "#e4e7eb",
  background: "#ffffff",
  categories: [...okabeIto, "#1b1f24"],
  other: "#8c959f",
};

export const darkTheme: ChartTheme = {
  text: "#e6e9ed",
  muted: "#a0a8b2",
  line: "#2b3139",
  background: "#15181c",
  categories: ["#4285d6", ...okabeIto.slice(1, -1), "#8fd6fa", "#e6e9ed"],
  other: "#7d8590",
};
