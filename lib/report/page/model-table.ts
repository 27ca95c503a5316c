/** The sortable table of models. Of many, only the rows that are on the screen are in the page. */
import { fieldText, varies } from "../fields.js";
import { formatInteger, formatKl, nothing } from "../format.js";
import { element, oncePerFrame } from "./dom.js";
import type { PageContext } from "./page-context.js";

interface Column {
  title: string;
  numeric: boolean;
  /** All models have the same in it: it is left out on paper. */
  same?: boolean;
  /** What rows are sorted by; null goes last in both directions. */
  key: (model: number) => string | number | null;
  cell: (model: number) => Node | string;
}

type Direction = "ascending" | "descending";

/** Up to so many models all rows are in the page. */
const mostWholeRows = 300;
/** On paper at most so many rows. */
const mostPrintedRows = 2000;
/** Rows above and below the screen that are drawn ahead. */
const ahead = 20;

export function addModelTable(section: HTMLElement, page: PageContext): void {
  new ModelTable(section, page);
}

class ModelTable {
  readonly #columns: Column[];
  readonly #body = element("tbody");
  readonly #frame: HTMLElement;
  readonly #table = element("table", { className: "models" });
  readonly #rows = new Map<number, HTMLTableRowElement>();
  readonly #above = spacer();
  readonly #below = spacer();
  readonly #notPrinted = element("p", { className: "on-paper" });
  #isPrinting = false;
  readonly #redraw = oncePerFrame(() => this.#draw());
  #sorted: number[] = [];
  #sorting: { column: Column; direction: Direction } | null = null;
  #rowHeight = 31;

  constructor(
    section: HTMLElement,
    private readonly page: PageContext,
  ) {
    const { store, shown, report } = page;
    this.#columns = modelColumns(page);
    const headers = this.#columns.map((column) => this.#header(column));
    const head = element("tr", {}, element("th", { scope: "col" }, element("span", { className: "unseen" }, "Selected")), ...headers);
    this.#table.append(element("thead", {}, head), this.#body);
    this.#frame = element("div", { className: "scroll tall", tabIndex: 0 }, this.#table);
    this.#frame.setAttribute("role", "region");
    this.#frame.setAttribute("aria-label", "Table of models");
    section.append(this.#frame, this.#notPrinted);
    this.#table.ariaRowCount = String(report.models.length + 1);
    shown.onChange(() => this.#sort());
    store.follow(["selected", "focused", "pair", "hovered"], () => {
      for (const [model, row] of this.#rows) this.#mark(model, row);
    });
    store.follow(["focused"], ({ focused }) => {
      if (focused !== null) this.#reveal(focused);
    });
    this.#frame.addEventListener("scroll", this.#redraw, { passive: true });
    this.#body.addEventListener("pointerover", ({ target }) => {
      store.set({ hovered: this.#modelOf(target) }, "flow");
    });
    this.#body.addEventListener("pointerleave", () => store.set({ hovered: null }, "flow"));
    for (const [event, isPrinting] of [["beforeprint", true], ["afterprint", false]] as const) {
      addEventListener(event, () => {
        this.#isPrinting = isPrinting;
        if (isPrinting) this.#draw();
        else this.#redraw(); // when the window has its own height again
      });
    }
    this.#sort();
  }

  #header(column: Column): HTMLTableCellElement {
    const header = element("th", { scope: "col", className: classOf(column) });
    const sorter = element("button", { type: "button" }, column.title);
    sorter.addEventListener("click", () => {
      const direction: Direction = header.ariaSort === "ascending" ? "descending" : "ascending";
      for (const other of this.#table.querySelectorAll("th")) other.removeAttribute("aria-sort");
      header.ariaSort = direction;
      this.#sorting = { column, direction };
      this.#sort();
    });
    header.append(sorter);
    return header;
  }

  #modelOf(target: EventTarget | null): number | null {
    const row = target instanceof Element ? target.closest<HTMLElement>("tr[data-model]") : null;
    return row === null ? null : Number(row.dataset["model"]);
  }

  #sort(): void {
    const { models } = this.page.shown;
    this.#sorted = this.#sorting === null ? models : sortedModels(models, this.#sorting.column, this.#sorting.direction);
    this.#body.replaceChildren();
    this.#rows.clear();
    this.#draw();
  }

  /** Puts the rows that are on the screen into the page. */
  #draw(): void {
    const total = this.#sorted.length;
    const printed = Math.min(total, mostPrintedRows);
    const whole = total <= mostWholeRows || this.#isPrinting;
    this.#notPrinted.textContent = printed < total ? `${formatInteger(total - printed)} of ${formatInteger(total)} models are not printed; CSV, above the map, saves all.` : "";
    // Not asked for where all are drawn: it would have the browser lay the page out halfway through its making.
    const visible = whole ? total : Math.ceil(this.#frame.clientHeight / this.#rowHeight) || ahead;
    const first = whole ? 0 : Math.max(0, Math.floor(this.#frame.scrollTop / this.#rowHeight) - ahead);
    const last = whole ? (this.#isPrinting ? printed : total) : Math.min(total, first + visible + 2 * ahead);
    const kept = new Set(this.#sorted.slice(first, last));
    for (const [model] of this.#rows) if (!kept.has(model)) this.#rows.delete(model);
    const rows = this.#sorted.slice(first, last).map((model, i) => this.#row(model, first + i));
    if (whole) {
      this.#body.replaceChildren(...rows);
      return;
    }
    this.#above.style.height = `${first * this.#rowHeight}px`;
    this.#below.style.height = `${(total - last) * this.#rowHeight}px`;
    const hadFocus = this.#body.contains(document.activeElement) ? document.activeElement : null;
    this.#body.replaceChildren(this.#above, ...rows, this.#below);
    if (hadFocus instanceof HTMLElement && hadFocus.isConnected) hadFocus.focus({ preventScroll: true });
    const measured = rows[0]?.offsetHeight ?? 0;
    if (measured > 0 && measured !== this.#rowHeight) {
      this.#rowHeight = measured;
      this.#redraw();
    }
  }

  #row(model: number, position: number): HTMLTableRowElement {
    const known = this.#rows.get(model);
    const row = known ?? this.#newRow(model);
    row.ariaRowIndex = String(position + 2);
    this.#rows.set(model, row);
    return row;
  }

  #newRow(model: number): HTMLTableRowElement {
    const { store, report } = this.page;
    const box = element("input", { type: "checkbox" });
    box.setAttribute("aria-label", `Select ${report.models[model]?.name ?? ""}`);
    box.addEventListener("change", () => store.toggleSelected(model));
    const cells = this.#columns.map((column, position) => {
      const className = classOf(column);
      return position === 0
        ? element("th", { scope: "row", className }, column.cell(model))
        : element("td", { className }, column.cell(model));
    });
    const row = element("tr", {}, element("td", { className: "box" }, box), ...cells);
    row.dataset["model"] = String(model);
    this.#mark(model, row);
    return row;
  }

  #mark(model: number, row: HTMLTableRowElement): void {
    const { selected, focused, pair, hovered } = this.page.store.state;
    const box = row.querySelector("input");
    if (box !== null) box.checked = selected.has(model);
    row.classList.toggle("selected", selected.has(model));
    row.classList.toggle("hovered", hovered === model);
    if (focused === model || pair?.includes(model)) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }

  /** Scrolls the table, not the page, to a model. */
  #reveal(model: number): void {
    const position = this.#sorted.indexOf(model);
    if (position === -1) return;
    const top = position * this.#rowHeight;
    const { scrollTop, clientHeight } = this.#frame;
    if (top >= scrollTop && top + 3 * this.#rowHeight <= scrollTop + clientHeight) return;
    this.#frame.scrollTop = Math.max(0, top - clientHeight / 2);
  }
}

const classOf = ({ numeric, same = false }: Column): string => [...(numeric ? ["number"] : []), ...(same ? ["same"] : [])].join(" ");

function spacer(): HTMLTableRowElement {
  const row = element("tr", { className: "spacer" });
  row.ariaHidden = "true";
  return row;
}

function modelColumns({ report, fields, store }: PageContext): Column[] {
  const { models } = report;
  const nearest = models.map((_, model) => report.divergences.nearest(model, 1)[0]);
  const nameOf = (model: number): string => models[model]?.name ?? "";
  const opener = (model: number, title: string): HTMLElement => {
    const name = element("button", { type: "button", className: "name", title }, nameOf(model));
    name.addEventListener("click", (event) => {
      if (event.shiftKey) store.pick(model);
      else store.set({ focused: model });
    });
    return name;
  };
  // What does not tell models apart comes last.
  const byUse = [...fields].sort((a, b) => Number(varies(b, models)) - Number(varies(a, models)));
  const fieldColumns = byUse.map((field): Column => {
    const key = (model: number): string | number | null => {
      const row = models[model];
      return row === undefined ? null : field.value(row);
    };
    const cell = (model: number): string => {
      const row = models[model];
      return row === undefined ? nothing : fieldText(field, row);
    };
    return { title: field.title, numeric: field.kind === "number", same: !varies(field, models), key, cell };
  });
  const neighbours: Column[] = [
    {
      title: "Nearest model",
      numeric: false,
      key: (model) => nameOf(nearest[model]?.model ?? -1) || null,
      cell: (model) => element("span", { className: "name" }, nameOf(nearest[model]?.model ?? -1)),
    },
    {
      title: "KL to it (bits/byte)",
      numeric: true,
      key: (model) => nearest[model]?.kl ?? null,
      cell: (model) => formatKl(nearest[model]?.kl ?? NaN),
    },
  ];
  const warningsOf = (model: number): string => models[model]?.warnings.join("; ") ?? "";
  const warnings: Column = {
    title: "Warnings",
    numeric: false,
    key: (model) => warningsOf(model) || null,
    cell: (model) => element("span", { className: "warnings", title: warningsOf(model) }, warningsOf(model) || nothing),
  };
  const hint = (model: number): string => {
    const title = models[model]?.title ?? null;
    return title === null || title === nameOf(model) ? nameOf(model) : `${nameOf(model)} (${title})`;
  };
  return [
    { title: "Model", numeric: false, key: nameOf, cell: (model) => opener(model, hint(model)) },
    ...(models.length > 1 ? neighbours : []),
    ...fieldColumns,
    ...(models.some((model) => model.warnings.length > 0) ? [warnings] : []),
  ];
}

/** Ties keep the order of the report. */
function sortedModels(models: readonly number[], { key }: Column, direction: Direction): number[] {
  const sign = direction === "ascending" ? 1 : -1;
  return models
    .map((model) => ({ model, value: key(model) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null);
      return sign * (typeof a.value === "number" && typeof b.value === "number" ? a.value - b.value : compareText(a.value, b.value));
    })
    .map(({ model }) => model);
}

const collator = new Intl.Collator("en", { numeric: true });
function compareText(a: string | number, b: string | number): number {
  return collator.compare(String(a), String(b));
}
