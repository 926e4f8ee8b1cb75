/** What a turn looks like. Text from the service or the visitor is only ever set as text, never as markup. */

import { filled } from "./texts.js";

/** An element with a class, text and children. */
function element(name, className = "", text = "", ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  made.append(...children);
  return made;
}

/** One question and the answer that grows below it. */
export class Turn {
  constructor(question, attachment, texts, openSource) {
    this.texts = texts;
    this.openSource = openSource;
    this.citations = new Map();
    this.paragraph = null;
    this.status = element("p", "status");
    this.text = element("div", "text");
    this.answer = element("div", "answer", "", this.text, this.status);
    const asked = element("p", "question", question);
    if (attachment) asked.append(element("span", "attached", attachment));
    this.root = element("li", "turn", "", asked, this.answer);
  }

  /** Shows what is being done while the visitor waits. */
  stage(name) {
    this.status.textContent = this.texts.stage[name] ?? "";
  }

  /** Adds one checked sentence with its citations. */
  say({ text, sentence, citations }) {
    for (const citation of citations) this.citations.set(citation.n, citation);
    const words = sentence?.text ?? text;
    const joiner = text.slice(0, text.length - words.length);
    if (words.startsWith("## ")) {
      this.text.append(element("h3", "sentence", words.slice(3)));
      this.paragraph = null;
      return;
    }
    const marks = (sentence?.citations ?? []).map((n) => this.mark(n));
    const between = this.paragraph && !joiner.includes("\n\n") ? joiner : null;
    if (between === null) this.text.append((this.paragraph = element("p")));
    this.paragraph.append(between ?? "", element("span", "sentence", words, ...marks));
  }

  /** Ends the turn with all that is known about the answer. */
  finish(answer) {
    this.status.remove();
    this.answer.prepend(element("p", `outcome ${answer.outcome}`, this.texts.outcome[answer.outcome]));
    for (const citation of answer.citations) this.citations.set(citation.n, citation);
    if (answer.omitted.length) this.answer.append(this.omissions(answer.omitted));
    if (answer.citations.length) this.answer.append(this.sources(answer.citations));
    if (answer.masked.length) this.note(this.texts.masked);
  }

  /** Ends the turn with a remark instead of an answer. */
  note(text) {
    this.status.remove();
    this.answer.append(element("p", "note", text));
  }

  /** Ends the turn with what went wrong. */
  fail(message) {
    this.status.remove();
    this.answer.append(element("p", "problem", message));
  }

  mark(n) {
    const button = element("button", "cite", String(n));
    button.type = "button";
    button.setAttribute("aria-label", filled(this.texts.source, { n, title: this.citations.get(n)?.title ?? "" }));
    button.addEventListener("click", () => this.openSource(this.citations.get(n)));
    return button;
  }

  sources(citations) {
    const list = element("ol", "sources");
    list.setAttribute("aria-label", this.texts.sources);
    for (const citation of citations) {
      const title = element("span", "source-title", citation.title);
      const file = element("span", "source-file", citation.document === citation.title ? "" : citation.document);
      const button = element("button", "", "", element("span", "source-number", String(citation.n)), title, file);
      button.type = "button";
      button.addEventListener("click", () => this.openSource(citation));
      list.append(element("li", "", "", button));
    }
    return list;
  }

  omissions(omitted) {
    const list = element("ul");
    for (const { kind, text } of omitted) {
      list.append(element("li", "", "", element("span", "kind", `${this.texts.omission[kind] ?? kind}: `), text));
    }
    return element("aside", "omitted", "", element("h3", "", this.texts.omitted), list);
  }
}

/** Shows a cited passage in the dialog, which hands the focus back when it is closed. */
export function showSource(dialog, citation, texts) {
  if (!citation) return;
  dialog.querySelector("#source-name").textContent = citation.document;
  dialog.querySelector("#source-title").textContent = filled(texts.source, citation);
  dialog.querySelector("#source-text").textContent = citation.text;
  dialog.showModal();
}
