/** Where the visitor writes: the question, and documents read beforehand, which stay for the questions that follow. */

import { element, filled, icon } from "./elements.js";
import { textsFor } from "./texts.js";

/** The form at the foot of the window. */
export class Composer {
  /** @type {import("./types.js").Document[]} */
  documents = [];
  #busy = false;

  /**
   * @param {import("./en.js").Texts} texts
   * @param {import("./types.js").Settings} settings
   * @param {{ask(question: string, task: import("./types.js").Task | null, sent?: string): void, stop(): void, read(file: File): Promise<import("./types.js").Document>, show(dialog: HTMLDialogElement): void, explain(error: unknown): string}} acts
   */
  constructor(texts, settings, acts) {
    this.texts = texts;
    this.settings = settings;
    this.acts = acts;
    this.question = element("textarea", { rows: 1, maxlength: settings.limits.question_characters, "aria-label": texts.question, placeholder: texts.placeholder, onkeydown: (/** @type {KeyboardEvent} */ event) => this.#onKey(event) });
    this.send = element("button", { type: "submit", class: "round solid", "aria-label": texts.send, title: texts.send }, icon("send"));
    this.stop = element("button", { type: "button", class: "round solid", "aria-label": texts.stop, title: texts.stop, hidden: true, onclick: () => acts.stop() }, icon("stop"));
    const attach = element("button", { type: "button", class: "round", "aria-label": texts.attach, title: texts.attach, onclick: () => this.openAttaching() }, icon("attach"));
    this.brought = element("div", { class: "brought" });
    this.form = element("form", { class: "composer", onsubmit: (/** @type {Event} */ event) => this.#submit(event) }, this.brought, element("div", { class: "line" }, attach, this.question, this.stop, this.send));
  }

  /** @param {boolean} busy */
  set busy(busy) {
    this.#busy = busy;
    const moving = this.form.contains(/** @type {ShadowRoot} */ (this.form.getRootNode()).activeElement);
    this.send.hidden = busy;
    this.stop.hidden = !busy;
    if (moving) this.question.focus(); // The button that had the focus is gone.
  }

  /** The names of the documents, for the eye. */
  get attached() {
    return this.documents.map((each) => filled(this.texts.attached, { name: each.title })).join(" · ");
  }

  /** Takes all documents away. */
  clear() {
    this.documents = [];
    this.#showBrought();
  }

  /**
   * Adds a document; one of the same name takes the place of the earlier.
   * @param {string} title
   * @param {string} text
   */
  add(title, text) {
    const id = title.slice(0, 200);
    this.documents = [...this.documents.filter((each) => each.id !== id), { id, title: title.slice(0, 500), text }];
    this.#showBrought();
  }

  openAttaching() {
    const { texts, settings } = this;
    const megabytes = Math.floor(settings.limits.file_bytes / 1048576);
    const file = element("input", { type: "file", class: "unseen", tabindex: -1, "aria-hidden": "true", accept: ".pdf,.docx,.csv,.txt,.md,.html", onchange: () => read(file.files?.[0]) });
    const pasted = element("textarea", { rows: 6, maxlength: settings.limits.document_characters, "aria-label": texts.attachPaste, placeholder: `…${texts.attachPaste}` });
    const said = element("p", { class: "quiet", role: "alert" });
    const read = async (/** @type {File | undefined} */ chosen) => {
      if (!chosen) return;
      if (chosen.size > settings.limits.file_bytes) return void (said.textContent = filled(texts.attachLarge, { name: chosen.name, megabytes }));
      said.textContent = filled(texts.attachReading, { name: chosen.name });
      try {
        const { title, text } = await this.acts.read(chosen);
        if (!text.trim()) return void (said.textContent = texts.attachEmpty);
        if (Array.from(text).length > settings.limits.document_characters) return void (said.textContent = texts.problem.document);
        this.add(title || chosen.name, text);
        dialog.close();
      } catch (error) {
        said.textContent = this.acts.explain(error);
      }
    };
    const use = (/** @type {Event} */ event) => {
      const text = pasted.value.trim();
      if (!text) return event.preventDefault(), void (said.textContent = texts.attachEmpty);
      this.add(texts.attachTitle, text);
    };
    const dialog = element(
      "dialog",
      { "aria-labelledby": "attach-title" },
      element("h2", { id: "attach-title" }, texts.attach),
      element("p", { class: "quiet" }, filled(texts.attachHelp, { megabytes, characters: settings.limits.document_characters.toLocaleString(texts.language) })),
      element("button", { type: "button", class: "soft wide", onclick: () => file.click() }, icon("attach"), texts.attachFile),
      file,
      element("form", { method: "dialog", onsubmit: use }, pasted, said, element("div", { class: "row end" }, element("button", { type: "button", class: "soft", onclick: () => dialog.close() }, texts.cancel), element("button", { class: "solid" }, texts.attachUse))),
    );
    this.acts.show(dialog);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    this.#submit(event);
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    const typed = this.question.value.trim();
    if (this.#busy || !(typed || this.documents.length)) return;
    if (typed) this.#ask(typed);
    else this.#askTask(this.#task);
  }

  /** What is done with a document when nothing is asked. */
  get #task() {
    const { tasks } = this.settings;
    return tasks.includes("summarize") ? "summarize" : tasks.includes("write") ? "write" : "answer";
  }

  /** @param {string} question */
  #ask(question) {
    this.question.value = "";
    this.acts.ask(question, null);
  }

  /**
   * Asks in the visitor's words for what a vertical does with a document, and sends it in those that its rails know.
   * @param {import("./types.js").Task} task
   */
  #askTask(task) {
    const [own] = this.texts.language.split("-");
    const { language } = this.settings;
    const sent = language.split("-")[0] === own ? this.texts : textsFor(language, null);
    this.acts.ask(this.texts.ask[task] ?? "", task, sent.ask[task]);
  }

  #showBrought() {
    const { texts } = this;
    const chips = this.documents.map((each) => {
      const remove = () => {
        this.documents = this.documents.filter((other) => other !== each);
        this.#showBrought();
        this.question.focus();
      };
      return element("span", { class: "chip" }, element("span", { dir: "auto" }, each.title), element("button", { type: "button", "aria-label": filled(texts.remove, { name: each.title }), onclick: remove }, icon("close")));
    });
    const task = this.#task;
    const offer = chips.length > 0 && task !== "answer" && element("button", { type: "button", class: "soft", onclick: () => this.#busy || this.#askTask(task) }, texts.task[task] ?? "");
    this.brought.replaceChildren(...chips, ...(offer ? [offer] : []));
  }
}
