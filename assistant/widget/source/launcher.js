/** The button on the page: small, there at once, and the only thing there is until somebody wants more. */

import { element, icon, sheet, sizeOf } from "./elements.js";
import { HERE, REST } from "./place.js";

const STYLE = `
:host { all: initial; }
.root { all: initial; font: 1rem/1.4 var(--assistant-font, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif); }
.launch { position: fixed; z-index: 2147483000; inset-block-end: max(1.25rem, env(safe-area-inset-bottom)); inset-inline-end: 1.25rem; display: flex; align-items: center; gap: .6rem; min-width: 3.5rem; height: 3.5rem; padding-inline: 1rem 1.3rem; border: 0; border-radius: 1.75rem; background: var(--assistant-accent, #1f3f4a); color: var(--assistant-on-accent, #fff); box-shadow: 0 .4rem 1.4rem rgb(0 0 0 / 25%); font: inherit; font-weight: 600; cursor: pointer; }
.launch:hover { box-shadow: 0 .5rem 1.8rem rgb(0 0 0 / 38%); }
.launch:focus-visible { outline: 3px solid var(--assistant-accent, #1f3f4a); outline-offset: 3px; box-shadow: 0 0 0 3px #fff; }
.launch[hidden], .window[hidden] { display: none; }
.icon { width: 1.5rem; height: 1.5rem; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
.window { position: fixed; z-index: 2147483001; inset-block-end: 1.25rem; inset-inline-end: 1.25rem; width: min(27rem, calc(100vw - 2.5rem)); height: min(44rem, calc(100dvh - 2.5rem)); border-radius: var(--assistant-radius, 1rem); overflow: clip; box-shadow: 0 1rem 3.5rem rgb(0 0 0 / 32%); }
.trouble { position: fixed; z-index: 2147483000; inset-block-end: 5.5rem; inset-inline-end: 1.25rem; max-width: 18rem; padding: .7rem 1rem; border-radius: .7rem; background: #fff; color: #7d1711; box-shadow: 0 .4rem 1.4rem rgb(0 0 0 / 25%); font-size: .9375rem; }
.trouble:empty { display: none; }
@media (max-width: 576px), (max-height: 416px) {
  .window { inset: 0; width: 100%; height: 100%; height: 100dvh; border-radius: 0; }
}
@media print { .root { display: none; } }
`;
const LABELS = {
  en: { launch: "Ask a question", trouble: "The assistant cannot be reached just now. Please try again." },
  it: { launch: "Fai una domanda", trouble: "L’assistente non è raggiungibile in questo momento. Riprova." },
};
/** @typedef {HTMLElement & {ask(question: string): void, attach(title: string, text: string): void, enter(): void, texts: unknown}} Conversation */
/** Attributes that the conversation is given as well. */
const HANDED_ON = ["vertical", "token", "language", "scheme"];

/** @type {Promise<unknown> | null} */
let arriving = null;

/** Fetches the rest once; a failure is forgotten, so that the next try is a new one. */
function fetchRest() {
  arriving ??= new Promise((resolve, reject) => {
    const script = element("script", { type: "module", crossorigin: "anonymous", integrity: REST.integrity });
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => reject(new Error("the rest of the widget did not come")));
    script.src = new URL(REST.path, HERE).href;
    document.head.append(script);
  }).catch((error) => {
    arriving = null;
    throw error;
  });
  return arriving;
}

/**
 * `<assistant-widget vertical="…" token="…">`: the button, and the window it opens.
 * Events of the conversation (`question`, `sentence`, `answer`, `problem`, …) can be heard on it.
 */
export class AssistantWidget extends HTMLElement {
  /** @type {Record<string, unknown> | null} Texts in a language of the page's own; set before the first opening. */
  texts = null;
  /** @type {Conversation | null} */
  #conversation = null;
  /** @type {HTMLButtonElement} */
  #button;
  /** @type {HTMLElement} */
  #trouble;
  /** @type {HTMLElement} */
  #root;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet(STYLE)];
    this.#button = element("button", { type: "button", class: "launch", "aria-haspopup": "dialog", onclick: () => this.open() }, icon("chat"));
    this.#trouble = element("div", { class: "trouble", role: "alert" });
    this.#root = element("div", { class: "root" }, this.#button, this.#trouble);
    root.append(this.#root);
  }

  connectedCallback() {
    if (this.#button.childElementCount > 1) return;
    this.shadowRoot?.adoptedStyleSheets.push(sheet(sizeOf(this.#root)));
    this.#root.dir = this.getAttribute("dir") || getComputedStyle(document.documentElement).direction;
    this.#button.append(element("span", {}, this.getAttribute("label") || this.#labels().launch));
  }

  /** Opens the window and puts the focus into it; resolves when it is there, or with false when it cannot be. */
  async open() {
    this.#trouble.textContent = "";
    try {
      await fetchRest();
    } catch {
      this.#trouble.textContent = this.#labels().trouble;
      return false;
    }
    const opened = this.#conversation ?? this.#begin();
    opened.hidden = false;
    this.#button.hidden = true;
    opened.enter();
    this.dispatchEvent(new CustomEvent("open"));
    return true;
  }

  /** Closes the window; an answer under way goes on, and the focus returns to the button. */
  close() {
    if (!this.#conversation || this.#conversation.hidden) return;
    this.#conversation.hidden = true;
    this.#button.hidden = false;
    this.#button.focus();
    this.dispatchEvent(new CustomEvent("close"));
  }

  /**
   * Opens the window and asks.
   * @param {string} question
   */
  async ask(question) {
    if (await this.open()) this.#conversation?.ask(question);
  }

  /**
   * Opens the window and adds a document, as if the visitor had.
   * @param {string} title
   * @param {string} text
   */
  async attach(title, text) {
    if (await this.open()) this.#conversation?.attach(title, text);
  }

  /**
   * Listens to an event; the result ends it.
   * @param {string} name
   * @param {(detail: any) => void} heard
   */
  on(name, heard) {
    const listener = (/** @type {Event} */ event) => heard(/** @type {CustomEvent} */ (event).detail);
    this.addEventListener(name, listener);
    return () => this.removeEventListener(name, listener);
  }

  #begin() {
    const begun = /** @type {Conversation} */ (document.createElement("assistant-conversation"));
    for (const name of HANDED_ON) {
      const value = this.getAttribute(name);
      if (value !== null) begun.setAttribute(name, value);
    }
    begun.setAttribute("closable", "");
    begun.className = "window";
    begun.texts = this.texts;
    begun.addEventListener("leave", () => this.close());
    begun.addEventListener("told", (event) => {
      const { name, detail } = /** @type {any} */ (event).detail;
      this.dispatchEvent(new CustomEvent(name, { detail }));
    });
    this.#root.append(begun);
    return (this.#conversation = begun);
  }

  #labels() {
    const language = this.getAttribute("language") || document.documentElement.lang || "en";
    return language.toLowerCase().startsWith("it") ? LABELS.it : LABELS.en;
  }
}

customElements.get("assistant-widget") ?? customElements.define("assistant-widget", AssistantWidget);

/**
 * Puts the button on the page.
 * @param {{vertical: string, token: string, language?: string, label?: string, scheme?: string, texts?: Record<string, unknown>}} options
 */
export function mount({ texts, ...attributes }) {
  const made = /** @type {AssistantWidget} */ (document.createElement("assistant-widget"));
  for (const [name, value] of Object.entries(attributes)) if (value) made.setAttribute(name, value);
  if (texts) made.texts = texts;
  document.body.append(made);
  return made;
}
