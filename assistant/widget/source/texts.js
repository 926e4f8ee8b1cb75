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
  const found = CATALOGUES[language.toLowerCase().split("-")[0] ?? ""];
  if (!found && !own) return en;
  const base = found ?? en;
  return /** @type {import("./en.js").Texts} */ (over(base, { language: localeOf(language, base.language), ...own }));
}

/**
 * How dates and numbers are written for a tag; where it is no tag, or has a catalogue of ours, as that one has it.
 * @param {string} tag
 * @param {string} otherwise
 */
function localeOf(tag, otherwise) {
  try {
    return tag in CATALOGUES ? otherwise : (Intl.getCanonicalLocales(tag)[0] ?? otherwise);
  } catch {
    return otherwise;
  }
}

/**
 * `found` with what `own` says in its place; of a group of texts too, what is left out stays.
 * @param {object} found
 * @param {Record<string, any>} own
 * @returns {object}
 */
function over(found, own) {
  return Object.fromEntries(Object.entries(found).map(([name, text]) => [name, typeof text === "string" ? (own[name] ?? text) : over(text, own[name] ?? {})]));
}
