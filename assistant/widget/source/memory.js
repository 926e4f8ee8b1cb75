/** What this tab remembers, from the first question on, until it is closed or everything is erased. */

/**
 * @typedef {object} Remembered
 * @property {string} visitor Secret by which the service knows this visitor's conversations.
 * @property {string | null} conversation The one that goes on.
 * @property {string[]} conversations All of this tab, so that all can be erased.
 * @property {import("./types.js").Kept[]} turns
 */

/** The memory of one widget; where the browser keeps nothing for the page, it lasts as long as the page. */
export class Memory {
  #place;
  /** @type {Remembered | null} */
  #kept = null;

  /** @param {string} place */
  constructor(place) {
    this.#place = place;
    try {
      this.#kept = JSON.parse(sessionStorage.getItem(place) ?? "null");
    } catch {
      // Storage is closed to us, or somebody else wrote there.
    }
  }

  /** Null before the first question. */
  get kept() {
    return this.#kept;
  }

  /** Begins to remember, if it has not yet. */
  begin() {
    return (this.#kept ??= { visitor: random(), conversation: null, conversations: [], turns: [] });
  }

  /** Writes down what changed. */
  save() {
    if (!this.#kept) return;
    try {
      sessionStorage.setItem(this.#place, JSON.stringify(this.#kept));
    } catch {
      // Full or closed: it is remembered until the page goes.
    }
  }

  /** Forgets everything. */
  forget() {
    this.#kept = null;
    try {
      sessionStorage.removeItem(this.#place);
    } catch {
      // It was never there.
    }
  }
}

/** 256 random bits as 43 letters, digits, _ and -. */
export function random() {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}
