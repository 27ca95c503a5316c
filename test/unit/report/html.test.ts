import { expect, test } from "vitest";
import { escapeHtml, jsonForScript, wellFormedXml } from "../../../lib/report/html.js";

test("markup characters become entities", () => {
  expect(escapeHtml(`<b a="1" c='2'>&amp;`)).toBe("&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;");
});

test.each(["</script><script>x()</script>", "<!--", "-->", "a\u2028b\u2029c", "]]>", "&lt;", '"\\', "\ud800"])(
  "JSON of %j comes back unchanged and cannot leave its element",
  (text) => {
    const json = jsonForScript({ [text]: [text] });
    expect(json).not.toMatch(/[<>&\u2028\u2029]/);
    expect(JSON.parse(json)).toEqual({ [text]: [text] });
  },
);

test("characters that XML cannot hold are replaced, all others stay", () => {
  expect(wellFormedXml("a\u0000b\u001bc\uffffd\ud800e")).toBe("a\ufffdb\ufffdc\ufffdd\ufffde");
  expect(wellFormedXml("tab\tline\nü 漢 😀")).toBe("tab\tline\nü 漢 😀");
});
