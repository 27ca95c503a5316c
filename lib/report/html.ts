/**
 * The one place where strings become markup. Names, labels and metadata of models are untrusted; everything else that shows them builds
 * DOM nodes with textContent.
 */

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text for the content of an element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** XML 1.0 has no place for control characters, not even escaped: they become U+FFFD. */
export function wellFormedXml(xml: string): string {
  // eslint-disable-next-line no-control-regex -- the characters outside the Char production of XML 1.0
  return xml.replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/gu, "\uFFFD");
}
