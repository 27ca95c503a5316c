import { test } from "vitest";
import { writeFileSync, readFileSync } from "node:fs";
import { chromium } from "playwright-core";
import { familyReport, cloudReport } from "./unit/report/sample-report.js";
import { renderReport } from "../lib/report/write-report.js";
import { renderMapSvg } from "../lib/report/map-svg.js";
test("preview", async () => {
  const only = (process.env.ONLY ?? "1,2,3,12,60,1000").split(",").map(Number);
  const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--headless","--no-sandbox","--disable-gpu","--disable-quic"] });
  for (const n of only) {
    const data = n <= 12 ? familyReport(n) : cloudReport(n);
    let t = performance.now();
    const html = renderReport(data);
    console.log(n, "render ms", performance.now() - t, "bytes", html.length);
    writeFileSync(`/tmp/shots/r${n}.html`, html);
    if (n > 1) { t = performance.now(); const svg = renderMapSvg(data); console.log("svg", performance.now() - t, svg.length); writeFileSync(`/tmp/shots/m${n}.svg`, svg); }
    for (const [name, w, h, dark] of [["desk",1280,900,false],["phone",390,844,false],["dark",1280,900,true]] as const) {
      if (n !== 12 && name !== "desk") continue;
      const p = await b.newPage({ viewport: { width: w, height: h }, colorScheme: dark ? "dark" : "light" });
      p.on("console", m => console.log("CONSOLE", m.text())); p.on("pageerror", e => console.log("ERR", e.message));
      t = performance.now();
      await p.goto(`file:///tmp/shots/r${n}.html`); await p.waitForTimeout(300);
      console.log("load", performance.now() - t);
      await p.screenshot({ path: `/tmp/shots/${n}-${name}.png`, fullPage: n < 1000 });
      if (n === 1000) { await p.locator("#distances").scrollIntoViewIfNeeded(); await p.locator("#distances").screenshot({ path: `/tmp/shots/1000-heat.png` }); }
      if (n > 1) { const q = await b.newPage({viewport:{width:1080,height:776}}); await q.goto(`file:///tmp/shots/m${n}.svg`); await q.screenshot({path:`/tmp/shots/${n}-svg.png`}); await q.close(); }
      await p.close();
    }
  }
  await b.close();
});
