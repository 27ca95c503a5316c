import { readFileSync } from "node:fs";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ReportData } from "../../lib/report/report-data.js";
import { renderReport } from "../../lib/report/write-report.js";
import { familyReport } from "../unit/report/sample-report.js";
import { launchChromium, openFile } from "./chromium.js";
import { checkedOf, richReport, statusOf } from "./report-page.js";

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => browser.close());

const open = async (data: ReportData, options = {}) => openFile(browser, "report.html", await renderReport(data), { viewport: { width: 1280, height: 1100 }, ...options });

const surfaceOf = (page: Page): Locator => page.locator(".map-surface");
const select = (page: Page, name: string): Locator => page.locator("#map").getByRole("combobox", { name, exact: true });
/** What is drawn, as one number for each place: two pictures are equal only if they look the same. */
const pictureOf = (page: Page): Promise<string> => page.evaluate<string>(`document.querySelector(".map-surface canvas").toDataURL()`);

async function settles(page: Page, before: string): Promise<string> {
  await expect.poll(() => pictureOf(page)).not.toBe(before);
  return pictureOf(page);
}

async function drag(page: Page, points: [number, number][], key?: string): Promise<void> {
  const box = await surfaceOf(page).boundingBox();
  if (box === null) throw new Error("no map");
  if (key !== undefined) await page.keyboard.down(key);
  const [first = [0, 0], ...rest] = points.map(([x, y]): [number, number] => [box.x + x * box.width, box.y + y * box.height]);
  await page.mouse.move(...first);
  await page.mouse.down();
  for (const point of rest) await page.mouse.move(...point);
  await page.mouse.up();
  if (key !== undefined) await page.keyboard.up(key);
}

/** All around the map, but for its left half. */
const rightHalf: [number, number][] = [[0.6, 0.02], [0.99, 0.02], [0.99, 0.88], [0.6, 0.88]];

describe("the part of the map that is seen", () => {
  it("is in the link, which shows the same again; moving adds no step to the history, and 0 takes it out", async () => {
    const { page, url } = await open(richReport());
    const whole = await pictureOf(page);
    const steps = await page.evaluate("history.length");
    await surfaceOf(page).focus();
    for (const key of ["+", "+", "ArrowLeft", "ArrowUp", "ArrowUp"]) await page.keyboard.press(key);
    const seen = await settles(page, whole);
    await expect.poll(() => page.url()).toMatch(/#view=-?[\d.]+_-?[\d.]+_[\d.]+$/);
    expect(await page.evaluate("history.length")).toBe(steps);
    const link = await page.evaluate<string>("location.hash");
    const again = await open(richReport());
    await again.page.goto(`${again.url}${link}`);
    await expect.poll(() => comparePictures(again.page, seen)).toBeLessThan(0.002);
    await again.page.reload();
    await again.page.locator("html[data-ready]").waitFor({ state: "attached" });
    await expect.poll(() => comparePictures(again.page, seen)).toBeLessThan(0.002);
    expect(await comparePictures(again.page, whole)).toBeGreaterThan(0.01);
    await page.keyboard.press("0");
    await expect.poll(() => page.evaluate("location.hash")).toBe("");
    expect(await pictureOf(page)).toBe(whole);
    expect(page.url().startsWith(url)).toBe(true);
  });

  it("holds also where a map of three dimensions is seen from, and what means nothing is passed over", async () => {
    const { page, url } = await open(richReport());
    const whole = await pictureOf(page);
    await page.locator("#map").getByLabel("Turn").fill("40");
    const turned = await settles(page, whole);
    await expect.poll(() => page.evaluate<string>("location.hash")).toMatch(/view=(-?[\d.]+_){4}0$/);
    const link = await page.evaluate<string>("location.hash");
    const again = await open(richReport());
    await again.page.goto(`${again.url}${link}`);
    await expect.poll(() => again.page.locator("#map").getByLabel("Turn").inputValue()).toBe("40");
    await expect.poll(() => comparePictures(again.page, turned)).toBeLessThan(0.002);
    await page.goto(`${url}#view=1_2`);
    await expect.poll(() => pictureOf(page)).toBe(whole);
    await page.goto(`${url}#view=1_x_3&search=gpt2`);
    await expect.poll(() => statusOf(page)).toContain("2 of 12");
    expect(await page.locator("#map").getByLabel("Turn").inputValue()).toBe("0");
  });
});

/** Share of the pixels in which the map differs from a picture of it. */
async function comparePictures(page: Page, picture: string): Promise<number> {
  return page.evaluate<number>(`(async () => {
    const bytes = Uint8Array.from(atob(${JSON.stringify(picture.split(",")[1])}), (letter) => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const read = (source) => {
      const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
      context.drawImage(source, 0, 0);
      return context.getImageData(0, 0, image.width, image.height).data;
    };
    const [one, other] = [read(image), read(document.querySelector(".map-surface canvas"))];
    let differing = 0;
    for (let i = 0; i < one.length; i += 4) if (Math.abs(one[i] - other[i]) + Math.abs(one[i + 3] - other[i + 3]) > 60) differing++;
    return differing / (one.length / 4);
  })()`);
}

describe("selection on the map", () => {
  it("a lasso selects what lies inside, in the table and the heat map too; a second one with Control adds to it", async () => {
    const { page, messages } = await open(familyReport());
    // It is drawn when it is on the screen.
    const heatMap = async (): Promise<string> => {
      await page.locator("canvas.heat-map").scrollIntoViewIfNeeded();
      await page.evaluate("new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))");
      const picture = await page.evaluate<string>(`document.querySelector("canvas.heat-map").toDataURL()`);
      await page.evaluate("scrollTo(0, 0)");
      return picture;
    };
    const before = await heatMap();
    await page.getByRole("button", { name: "Lasso" }).click();
    await drag(page, rightHalf);
    expect(await checkedOf(page)).toEqual(["gpt2b-f16", "gpt2b-ft-french-f16"]);
    expect(await statusOf(page)).toContain("2 selected");
    await expect.poll(heatMap).not.toBe(before);
    await page.keyboard.down("Control");
    await drag(page, [[0.06, 0.02], [0.6, 0.02], [0.6, 0.88], [0.06, 0.88]]);
    await page.keyboard.up("Control");
    expect(await checkedOf(page)).toHaveLength(12);
    expect(messages).toEqual([]);
  });

  it("a box selects what lies between its corners; Shift and dragging is a lasso at any time", async () => {
    const { page } = await open(familyReport());
    await page.getByRole("button", { name: "Box" }).click();
    await drag(page, [[0.6, 0.02], [0.99, 0.88]]);
    expect(await checkedOf(page)).toEqual(["gpt2b-f16", "gpt2b-ft-french-f16"]);
    await page.getByRole("button", { name: "Clear selection" }).click();
    expect(await checkedOf(page)).toEqual([]);
    await page.getByRole("button", { name: "Move" }).click();
    await drag(page, rightHalf, "Shift");
    expect(await checkedOf(page)).toEqual(["gpt2b-f16", "gpt2b-ft-french-f16"]);
  });

  it("a press on a category of the legend selects its models; only selected ones are shown when asked, everywhere", async () => {
    const { page } = await open(familyReport());
    await page.locator("#map .legend").getByRole("button", { name: /fine-tuned/ }).click();
    const names = await checkedOf(page);
    expect(names).toEqual(["base-ft-code-q8_0", "base-ft-code-q4_0", "base-ft-german-q8_0", "gpt2b-ft-french-f16"]);
    const before = await pictureOf(page);
    const { height } = (await page.locator("canvas.heat-map").boundingBox()) ?? { height: 0 };
    await page.getByLabel("Only selected").check();
    expect(await page.locator("table.models tbody th").allInnerTexts()).toEqual(names);
    await settles(page, before);
    expect((await page.locator("canvas.heat-map").boundingBox())?.height).toBeLessThan(height);
    await page.getByLabel("Only selected").uncheck();
    expect(await page.locator("table.models tbody th").count()).toBe(12);
  });

  it("the search finds as one types, in names, in one field, and what does not match", async () => {
    const { page } = await open(familyReport());
    const search = page.getByRole("searchbox");
    const before = await pictureOf(page);
    const found = async (query: string): Promise<string[]> => {
      await search.fill(query);
      return page.locator("table.models tbody th").allInnerTexts();
    };
    expect(await found("gpt2")).toEqual(["gpt2b-f16", "gpt2b-ft-french-f16"]);
    expect(await statusOf(page)).toContain("2 of 12 found");
    await settles(page, before);
    expect(await found("quantization:q5")).toEqual(["base-q5_0"]);
    expect(await found("recipe:fine -code")).toEqual(["base-ft-german-q8_0", "gpt2b-ft-french-f16"]);
    expect(await found("nothing of this kind")).toEqual([]);
    await page.getByRole("searchbox").fill("gpt2");
    await page.getByRole("button", { name: "Select these" }).click();
    expect(await checkedOf(page)).toEqual(["gpt2b-f16", "gpt2b-ft-french-f16"]);
  });
});

describe("what the map shows", () => {
  it("another method has other places, another statement and no numbers on its axes", async () => {
    const { page, messages } = await open(richReport());
    const before = await pictureOf(page);
    expect(await page.locator("#map .statement").innerText()).toContain("squared distance");
    await select(page, "Map").selectOption("t-SNE");
    await settles(page, before);
    expect(await page.locator("#map .statement").innerText()).toContain("who is near to whom");
    expect(page.url()).toContain("map=tsne");
    expect(messages).toEqual([]);
  });

  it.each([["Names"], ["Ellipses"], ["Paths"], ["Lines to nearest"]])("%s can be switched on and off", async (layer) => {
    const { page } = await open(richReport());
    const before = await pictureOf(page);
    await page.getByLabel(layer).click();
    const changed = await settles(page, before);
    await page.getByLabel(layer).click();
    expect(await settles(page, changed)).toBe(before);
  });

  it("colour, shape and size by a field change the picture and the legend", async () => {
    const { page } = await open(richReport());
    for (const [label, field, legend] of [["Colour", "Size", "1 MB"], ["Shape", "Architecture", "gpt2"], ["Size", "Size", "Size (area)"]] as const) {
      const before = await pictureOf(page);
      await select(page, label).selectOption(field);
      await settles(page, before);
      expect(await page.locator("#map .legends").innerText()).toContain(legend);
    }
  });

  it("a map of three dimensions is turned by sliders and by dragging with Alt", async () => {
    const { page } = await open(richReport());
    const front = await pictureOf(page);
    await page.getByLabel("Turn").fill("40");
    const turned = await settles(page, front);
    await page.getByLabel("Turn").fill("0");
    expect(await settles(page, turned)).toBe(front);
    await drag(page, [[0.3, 0.3], [0.4, 0.3], [0.5, 0.3]], "Alt");
    await settles(page, front);
    expect(await page.locator("#map .statement").innerText()).toContain("The map is turned");
    expect(Number(await page.getByLabel("Turn").inputValue())).toBeGreaterThan(20);
  });

  it("the map follows the chosen theme and paper is light", async () => {
    const { page } = await open(familyReport());
    const light = await pictureOf(page);
    const background = (): Promise<string> => page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
    await page.getByLabel("Theme").selectOption("dark");
    await settles(page, light);
    expect(await background()).toBe("rgb(21, 24, 28)");
    await page.emulateMedia({ media: "print" });
    expect(await background()).toBe("rgb(255, 255, 255)");
    expect(await page.locator("#page-controls").isVisible()).toBe(false);
  });
});

describe("the keyboard", () => {
  it("goes from model to model, opens and selects them, and takes the selection back", async () => {
    const { page } = await open(familyReport());
    await surfaceOf(page).focus();
    await page.keyboard.press("n");
    const card = page.locator("#card .name").first();
    const first = await card.innerText();
    await page.keyboard.press("n");
    const second = await card.innerText();
    expect(second).not.toBe(first);
    await page.keyboard.press("p");
    expect(await card.innerText()).toBe(first);
    await page.keyboard.press("Space");
    expect(await checkedOf(page)).toEqual([first]);
    await page.keyboard.press("Enter");
    expect(await page.locator("tr[aria-current] th").innerText()).toBe(first);
    await page.keyboard.press("Escape");
    expect(await page.locator("#card").isVisible()).toBe(false);
    await page.keyboard.press("Escape");
    expect(await checkedOf(page)).toEqual([]);
  });
});

describe("the URL", () => {
  it("holds the state, so that a link leads back to it, and the browser's back button undoes a step", async () => {
    const data = richReport();
    const { page, url } = await open(data);
    await page.locator("table.models tbody").getByRole("button", { name: "base-q5_0" }).click();
    await page.getByLabel("Select small-f16").check();
    await select(page, "Colour").selectOption("Architecture");
    await select(page, "Map").selectOption("t-SNE");
    await page.getByRole("searchbox").fill("base");
    await expect.poll(() => page.url()).toContain("search=base");
    const link = page.url();
    expect(link).toContain("model=base-q5_0");

    await page.goto("about:blank");
    await page.goto(link);
    await page.locator("html[data-ready]").waitFor({ state: "attached" });
    expect(await page.locator("tr[aria-current] th").innerText()).toBe("base-q5_0");
    expect(await statusOf(page)).toContain("1 selected");
    expect(await select(page, "Colour").inputValue()).toBe("Architecture");
    expect(await select(page, "Map").inputValue()).toBe("t-SNE");
    expect(await page.getByRole("searchbox").inputValue()).toBe("base");

    await select(page, "Map").selectOption("MDS");
    await page.goBack();
    await expect.poll(() => select(page, "Map").inputValue()).toBe("t-SNE");
    expect(link.startsWith(url)).toBe(true);
  });

  it("with models, fields and methods that the report does not have is passed over", async () => {
    const { page, url, messages } = await open(familyReport());
    await page.goto("about:blank");
    await page.goto(`${url}#model=none&pair=a&select=__proto__&rows=5-3.1-99999999.x&colour=__proto__&map=umap&layers=x&theme=pink&only=selected`);
    await page.locator("html[data-ready]").waitFor({ state: "attached" });
    expect(await page.locator("table.models tbody th").count()).toBe(11);
    expect(messages).toEqual([]);
  });
});

describe("what is saved", () => {
  const save = async (page: Page, name: string): Promise<Buffer> => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name }).click()]);
    return readFileSync(await download.path());
  };

  it("the SVG and the PNG hold the picture with its legend, the CSV the models that are shown", async () => {
    const { page, messages, requests, url } = await open(familyReport());
    const svg = (await save(page, "Save the map as SVG")).toString();
    expect(svg).toMatch(/^<svg /);
    for (const text of ["Map of 12 language models", "gpt2b-f16", "squared distance", "pretrained (8)"]) expect(svg).toContain(text);
    const png = await save(page, "Save the map as PNG");
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2160, 1552]);
    await page.getByRole("searchbox").fill("gpt2");
    const rows = (await save(page, "Save what is shown as CSV")).toString().split("\r\n").slice(0, -1);
    expect(rows.map((row) => row.split(",")[0])).toEqual(["\uFEFFmodel", "gpt2b-f16", "gpt2b-ft-french-f16"]);
    expect(messages).toEqual([]);
    expect(requests.filter((request) => !request.startsWith("blob:"))).toEqual([url]);
  });
});
