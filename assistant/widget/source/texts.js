/** The texts for a language. */

import { en } from "./en.js";
import { it } from "./it.js";

/** @type {Record<string, import("./en.js").Texts>} */
const CATALOGUES = { en, it };

/**
 * The catalogue for a tag such as "it-CH"; English where there is none; texts of the page's own come before ours.
 * @param {string} language
 * @param {Record<string, unknown> | null} own
 * @returns {import("./en.js").Texts}
 */
export function textsFor(language, own) {
  const found = CATALOGUES[language.toLowerCase().split("-")[0] ?? ""] ?? en;
  return own ? /** @type {import("./en.js").Texts} */ ({ ...found, ...own }) : found;
}
