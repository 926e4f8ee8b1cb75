/** The head of the window: its title, what else can be done, and the way out. */

import { element, icon } from "./elements.js";

/**
 * @param {string} title
 * @param {import("./en.js").Texts} texts
 * @param {Record<string, () => void>} acts What the menu offers, by its words; without any there is no menu.
 * @param {(() => void) | null} leave
 */
export function header(title, texts, acts, leave) {
  const entries = Object.entries(acts).map(([words, act]) => {
    const done = () => {
      show(false);
      act();
    };
    return element("button", { type: "button", onclick: done }, words);
  });
  const menu = element("div", { class: "menu", hidden: true }, ...entries);
  const more = element("button", { type: "button", class: "bare", "aria-label": texts.menu, title: texts.menu, "aria-expanded": "false", onclick: () => show(menu.hidden) }, icon("more"));
  const show = (/** @type {boolean} */ shown) => {
    menu.hidden = !shown;
    more.setAttribute("aria-expanded", String(shown));
    if (shown) menu.querySelector("button")?.focus();
    else more.focus();
  };
  return element(
    "header",
    {},
    element("h2", { dir: "auto" }, title),
    entries.length > 0 && more,
    leave && element("button", { type: "button", class: "bare", "aria-label": texts.close, title: texts.close, onclick: leave }, icon("close")),
    menu,
  );
}
