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
  categories: ["#4a9fd8", ...okabeIto.slice(1), "#e6e9ed"],
  other: "#7d8590",
};

/** ECharts symbols, distinct also in one colour. */
export const shapes = [
  "circle",
  "rect",
  "triangle",
  "diamond",
  "path://M-5,-2H-2V-5H2V-2H5V2H2V5H-2V2H-5Z",
  "path://M0,5L5,-5H-5Z",
  "path://M0,-5L1.5,-1.6L5,-1.5L2.2,0.8L3.1,4.5L0,2.4L-3.1,4.5L-2.2,0.8L-5,-1.5L-1.5,-1.6Z",
] as const;
export const otherShape = "emptyCircle";
