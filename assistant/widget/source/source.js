/** The dialog that shows a cited passage: where it comes from, and the words that bear out what was said. */

import { element, filled } from "./elements.js";
import { around, lit } from "./lighting.js";
import { isWeb } from "./markdown.js";

/**
 * The dialog for a citation.
 * @param {import("./types.js").Citation} citation
 * @param {string[]} sentences What was said on the strength of it.
 * @param {import("./types.js").Document | undefined} document The visitor's own document it stands in, if it is one.
 * @param {import("./en.js").Texts} texts
 */
export function sourceDialog(citation, sentences, document, texts) {
  const place = document && around(document.text, citation);
  const passage = element("span", { class: "passage" });
  for (const part of lit(citation.text, sentences)) {
    if (!part.lit) passage.append(part.text);
    else passage.append(element("mark", part.word ? { class: "word" } : {}, part.text));
  }
  const quote = element("blockquote", { tabindex: 0, dir: "auto" }, place?.before, passage, place?.after);
  const dialog = element(
    "dialog",
    { "aria-labelledby": "source-title" },
    element("h2", { id: "source-title", dir: "auto" }, filled(texts.source, { n: citation.n, title: citation.title })),
    element("p", { class: "quiet" }, citation.effective && dated(citation.effective, texts), !citation.effective && citation.document !== citation.title && citation.document),
    quote,
    element(
      "form",
      { method: "dialog", class: "row end" },
      isWeb(citation.link) && element("a", { class: "soft", href: citation.link, target: "_blank", rel: "noopener noreferrer" }, texts.readOn),
      element("button", { class: "solid" }, texts.close),
    ),
  );
  requestAnimationFrame(() => (quote.scrollTop = passage.offsetTop - 24));
  return dialog;
}

/**
 * @param {string} day As 2026-09-01.
 * @param {import("./en.js").Texts} texts
 */
function dated(day, texts) {
  const date = new Date(`${day}T12:00:00`);
  const written = Number.isNaN(date.getTime()) ? day : date.toLocaleDateString(texts.language, { dateStyle: "long" });
  return filled(texts.dated, { date: written });
}
