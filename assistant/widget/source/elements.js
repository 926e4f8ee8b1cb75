/** Elements made without markup: whatever is put into them is text. */

/**
 * A new element with attributes, listeners (`onclick`, …) and children; what is null or false is left out.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, unknown>} [given]
 * @param {...(Node | string | null | false | undefined)} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function element(name, given = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") made.addEventListener(key.slice(2), /** @type {EventListener} */ (value));
    else made.setAttribute(key, value === true ? "" : String(value));
  }
  for (const child of children) if (child) made.append(child);
  return made;
}

const PATHS = {
  chat: "M4 5h16v11H9l-5 4z",
  close: "M6 6l12 12M18 6L6 18",
  send: "M12 20V5M5 12l7-7 7 7",
  stop: "M7 7h10v10H7z",
  attach: "M8 12.5l6-6a3 3 0 014.3 4.3l-7.6 7.6a5 5 0 01-7-7l7-7",
  more: "M5 11v2M12 11v2M19 11v2",
  up: "M7 20H4v-9h3m0 9V11l4-7a2 2 0 012 2v4h5a2 2 0 012 2l-1.4 6a2 2 0 01-2 2H7",
  down: "M17 4h3v9h-3m0-9v9l-4 7a2 2 0 01-2-2v-4H6a2 2 0 01-2-2l1.4-6a2 2 0 012-2H17",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  save: "M12 4v11M7 11l5 5 5-5M5 20h14",
  person: "M12 11a4 4 0 100-8 4 4 0 000 8zM4 21a8 8 0 0116 0",
  support: "M4 12l5 5L20 6",
};
const SVG = "http://www.w3.org/2000/svg";

/**
 * A drawing in the colour of its text, hidden from screen readers.
 * @param {keyof typeof PATHS} name
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", "aria-hidden": "true", class: "icon" })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/**
 * A style sheet that no policy of the page forbids: it is made, not inlined. Its rem are those of the reader, whatever
 * size the page gives its own text.
 * @param {string} css
 */
export function sheet(css) {
  const made = new CSSStyleSheet();
  made.replaceSync(css.replace(/(-?[\d.]+)rem\b/g, "calc($1 * var(--assistant-size, var(--own-size, 16px)))"));
  return made;
}

/**
 * The rule that says how large text is by the reader's own setting.
 * @param {HTMLElement} place An element of class `root`, on the page.
 */
export function sizeOf(place) {
  const probe = element("span");
  probe.style.fontSize = "medium";
  place.append(probe);
  const size = getComputedStyle(probe).fontSize;
  probe.remove();
  return `.root { --own-size: ${size || "16px"}; }`;
}

/**
 * `text` with its {places} filled.
 * @param {string} text
 * @param {Record<string, string | number>} values
 */
export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));
}
