/** One question and the answer that grows below it. What comes from anybody is only ever set as text. */

import { element, filled, icon } from "./elements.js";
import { markdownOf, paragraphsOf } from "./markdown.js";

/**
 * @typedef {object} Acts What a turn asks of the conversation it stands in.
 * @property {(citation: import("./types.js").Citation, sentences: string[]) => void} openSource
 * @property {(answerId: string, rating: "up" | "down", reason: string) => Promise<string>} rate Says how it went.
 * @property {() => Node} whatCanBeAsked
 */

/** A turn on the page. */
export class Turn {
  /** @type {Map<number, import("./types.js").Citation>} */
  #citations = new Map();
  /** @type {{sentence: import("./types.js").Sentence, joiner: string, place: HTMLElement}[]} */
  #said = [];
  /** @type {HTMLElement | null} */
  #paragraph = null;

  /**
   * @param {string} question
   * @param {string} attached What was sent along, for the eye.
   * @param {import("./en.js").Texts} texts
   * @param {import("./types.js").Settings} settings
   * @param {Acts} acts
   */
  constructor(question, attached, texts, settings, acts) {
    this.question = question;
    this.texts = texts;
    this.settings = settings;
    this.acts = acts;
    this.status = element("p", { class: "status", "aria-live": "off" });
    this.text = element("div", { class: "text", dir: "auto" });
    this.foot = element("div", { class: "foot", "aria-live": "off" });
    this.answer = element("div", { class: "answer" }, this.text, this.status, this.foot);
    const asked = element("div", { class: "question", "aria-live": "off" }, element("span", { class: "unseen" }, `${texts.you}: `), element("div", { dir: "auto" }, question));
    if (attached) asked.append(element("span", { class: "attached" }, attached));
    this.root = element("article", { class: "turn" }, asked, this.answer);
  }

  /** The white space before each sentence so far. */
  get joiners() {
    return this.#said.map((each) => each.joiner);
  }

  /**
   * What is being done while the visitor waits.
   * @param {string} name
   */
  stage(name) {
    const text = this.texts.stage[name];
    if (text) this.status.textContent = text;
  }

  /**
   * Adds one checked sentence with its citations.
   * @param {import("./types.js").SentenceEvent} event
   */
  say({ text, sentence, citations }) {
    for (const citation of citations) this.#citations.set(citation.n, citation);
    const joiner = text.slice(0, text.length - sentence.text.length);
    if (sentence.text.startsWith("## ")) {
      const heading = element("h3", {}, sentence.text.slice(3));
      this.#paragraph = null;
      this.text.append(heading);
      this.#said.push({ sentence, joiner, place: heading });
      return;
    }
    const fresh = !this.#paragraph || joiner.includes("\n\n");
    if (fresh) this.text.append((this.#paragraph = element("p")));
    const place = element("span", { class: "sentence" }, sentence.text, ...sentence.citations.map((n) => this.#mark(n, sentence.text)));
    this.#paragraph?.append(fresh ? "" : joiner, place);
    this.#said.push({ sentence, joiner, place });
  }

  /**
   * Ends the turn with all that is known about the answer.
   * @param {import("./types.js").Answer} answer
   */
  finish(answer) {
    this.status.remove();
    this.answer.dataset.outcome = answer.outcome;
    for (const citation of answer.citations) this.#citations.set(citation.n, citation);
    const outcome = this.texts.outcome[answer.outcome];
    if (outcome) this.answer.prepend(element("p", { class: "outcome" }, outcome));
    if (answer.omitted.length) this.foot.append(this.#omissions(answer));
    if (answer.citations.length) this.foot.append(this.#sources(answer));
    this.foot.append(this.#actions(answer));
    if (answer.outcome === "declined" || answer.outcome === "unanswered") this.foot.append(this.acts.whatCanBeAsked());
  }

  /**
   * Ends the turn with what went wrong, or with a remark, and what can be done now.
   * @param {string} message
   * @param {...Node} acts
   */
  end(message, ...acts) {
    this.status.remove();
    const ended = element("p", { class: "problem" }, message);
    this.answer.insertBefore(ended, this.foot);
    if (acts.length) this.foot.append(element("div", { class: "row" }, ...acts));
    return ended;
  }

  /** Takes away what was shown of an answer, so that it can be told from its beginning. */
  restart() {
    this.#said = [];
    this.#paragraph = null;
    this.text.replaceChildren();
  }

  /**
   * @param {number} n
   * @param {string} sentence
   */
  #mark(n, sentence) {
    const title = this.#citations.get(n)?.title ?? "";
    return element("button", { type: "button", class: "cite", "aria-label": filled(this.texts.source, { n, title }), onclick: () => this.#open(n, [sentence]) }, String(n));
  }

  /**
   * @param {number} n
   * @param {string[]} sentences
   */
  #open(n, sentences) {
    const citation = this.#citations.get(n);
    if (citation) this.acts.openSource(citation, sentences);
  }

  /** @param {import("./types.js").Answer} answer */
  #sources(answer) {
    const list = element("ul", { class: "sources", "aria-label": this.texts.sources });
    for (const { n, title } of answer.citations) {
      const sentences = answer.sentences.filter((each) => each.citations.includes(n)).map((each) => each.text);
      list.append(element("li", {}, element("button", { type: "button", onclick: () => this.#open(n, sentences) }, element("span", { class: "number" }, String(n)), element("span", { dir: "auto" }, title))));
    }
    return list;
  }

  /** @param {import("./types.js").Answer} answer */
  #omissions({ omitted }) {
    const items = omitted.map(({ kind, text }) => element("li", { dir: "auto" }, `${this.texts.omission[kind] ?? kind}: ${text}`));
    return element("div", { class: "omitted" }, element("h3", {}, this.texts.omitted), element("ul", {}, ...items));
  }

  /** @param {import("./types.js").Answer} answer */
  #actions(answer) {
    const { texts } = this;
    const note = element("p", { class: "quiet" });
    this.answer.append(note); // Not in the foot: what it says is to be heard.
    const claims = this.#said.length > 0 && answer.citations.length > 0;
    const row = element(
      "div",
      { class: "actions" },
      this.#thumb("up", answer, note),
      this.#thumb("down", answer, note),
      claims && tool("support", texts.support, (button) => this.#showSupport(button), { "aria-pressed": "false" }),
      tool("copy", texts.copy, async () => {
        const copied = await navigator.clipboard?.writeText(this.#markdown(answer)).then(() => true, () => false);
        note.textContent = copied ? texts.copied : texts.notCopied;
      }),
      tool("save", texts.save, () => this.#save(answer)),
    );
    return row;
  }

  /**
   * @param {"up" | "down"} rating
   * @param {import("./types.js").Answer} answer
   * @param {HTMLElement} note
   */
  #thumb(rating, answer, note) {
    const { texts } = this;
    return tool(rating, texts[rating], async (button) => {
      for (const each of this.foot.querySelectorAll(".thumb")) each.setAttribute("aria-pressed", String(each === button));
      this.foot.querySelector(".reason")?.remove();
      note.textContent = await this.acts.rate(answer.answer_id, rating, "");
      if (rating === "down") this.#askWhy(answer, note);
    }, { "aria-pressed": "false", class: "tool thumb" });
  }

  /**
   * @param {import("./types.js").Answer} answer
   * @param {HTMLElement} note
   */
  #askWhy(answer, note) {
    const { texts } = this;
    const reason = element("input", { maxlength: 500, "aria-label": texts.why, placeholder: texts.why, dir: "auto" });
    const submit = async (/** @type {Event} */ event) => {
      event.preventDefault();
      const said = reason.value.trim() ? await this.acts.rate(answer.answer_id, "down", reason.value.trim()) : texts.thanks;
      form.remove();
      note.textContent = said;
    };
    const form = element("form", { class: "reason row", onsubmit: submit }, reason, element("button", { class: "soft" }, texts.sendReason));
    this.foot.append(form);
    reason.focus();
  }

  /** @param {HTMLElement} button */
  #showSupport(button) {
    const shown = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(shown));
    for (const { sentence, place } of this.#said) {
      place.querySelector(".support")?.remove();
      if (shown && !sentence.text.startsWith("## ")) place.append(element("span", { class: "support", "aria-live": "off" }, this.#supportOf(sentence)));
    }
  }

  /** @param {import("./types.js").Sentence} sentence */
  #supportOf({ claim, support, citations }) {
    const { texts } = this;
    if (!citations.length || (!claim && support === null)) return texts.unclaimed;
    const n = citations.join(", ");
    return typeof support === "number" ? filled(texts.supportedBy, { n, percent: Math.round(100 * support) }) : filled(texts.supported, { n });
  }

  /** @param {import("./types.js").Answer} answer */
  #markdown(answer) {
    const { question, texts, settings } = this;
    return markdownOf({ question, answer, paragraphs: paragraphsOf(this.#said), notice: settings.notice, disclaimer: settings.disclaimer, texts });
  }

  /** @param {import("./types.js").Answer} answer */
  #save(answer) {
    const href = URL.createObjectURL(new Blob([this.#markdown(answer)], { type: "text/markdown" }));
    element("a", { href, download: `${this.texts.saved}.md` }).click();
    setTimeout(() => URL.revokeObjectURL(href), 10_000);
  }
}

/**
 * A small button with a drawing.
 * @param {"up" | "down" | "copy" | "save" | "support"} name
 * @param {string} label
 * @param {(button: HTMLButtonElement) => unknown} act
 * @param {Record<string, unknown>} [given]
 */
function tool(name, label, act, given = {}) {
  /** @type {HTMLButtonElement} */
  const button = element("button", { type: "button", class: "tool", "aria-label": label, title: label, ...given, onclick: () => act(button) }, icon(name));
  return button;
}
