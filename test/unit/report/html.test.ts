import { expect, test } from "vitest";
import { escapeHtml, wellFormedXml } from "../../../lib/report/html.js";

test("markup characters become entities", () => {
  expect(escapeHtml(`<b a="1" c='2'>&amp;`)).toBe("&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;");
});

test("characters that XML cannot hold are replaced, all others stay", () => {
  expect(wellFormedXml("a\u0000b\u001bc\uffffd\ud800e")).toBe("a\ufffdb\ufffdc\ufffdd\ufffde");
  expect(wellFormedXml("tab\tline\nü 漢 😀")).toBe("tab\tline\nü 漢 😀");
});
