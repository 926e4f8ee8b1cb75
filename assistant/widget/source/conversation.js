/** `<assistant-conversation vertical="…" token="…">`: the window itself, alone in a frame or opened by the launcher. */

import { Composer } from "./composer.js";
import { element, icon, sheet, sizeOf } from "./elements.js";
import { header } from "./header.js";
import { Memory, random } from "./memory.js";
import { Exchange, Problem, Service } from "./service.js";
import { handoverDialog, eraseDialog } from "./dialogs.js";
import { explained } from "./problems.js";
import { sourceDialog } from "./source.js";
import { coloursOf, STYLE } from "./style.js";
import { textsFor } from "./texts.js";
import { Turn } from "./turn.js";

const ADDRESS = new URL(import.meta.url).origin;

class AssistantConversation extends HTMLElement {
  /** @type {Record<string, unknown> | null} */
  texts = null;
  #root = this.attachShadow({ mode: "open" });
  /** @type {Promise<boolean> | null} */
  #ready = null;
  /** @type {import("./en.js").Texts} */
  #texts = textsFor("en", null);
  /** @type {import("./types.js").Settings | null} */
  #settings = null;
  /** @type {Composer | null} */
  #composer = null;
  /** @type {Exchange | null} */
  #running = null;
  /** Settled when the last answer has ended, however it did. */
  #followed = Promise.resolve();
  #memory = new Memory("");
  #service = new Service(ADDRESS, "", "", () => null);
  #log = element("div", { class: "log", role: "log", "aria-live": "polite", tabindex: 0 });
  #body = element("div", { class: "root" });
  #size = "";
  /** Whether the log shows what we think should be seen, and not what the visitor went to. */
  #led = true;

  connectedCallback() {
    if (this.#ready) return;
    const [vertical, token] = [this.getAttribute("vertical") ?? "", this.getAttribute("token") ?? ""];
    this.#texts = textsFor(this.getAttribute("language") || document.documentElement.lang || "en", this.texts);
    this.#memory = new Memory(`assistant ${ADDRESS} ${vertical}`);
    this.#service = new Service(ADDRESS, vertical, token, () => this.#memory.kept?.visitor ?? null);
    this.#root.adoptedStyleSheets = [sheet(STYLE)];
    this.#root.append(this.#body);
    this.#size = sizeOf(this.#body);
    this.#body.dir = this.#texts.direction;
    this.#body.setAttribute("role", this.hasAttribute("closable") ? "dialog" : "region");
    this.#body.setAttribute("aria-label", this.#texts.assistant);
    this.addEventListener("keydown", (event) => {
      const inDialog = event.composedPath().some((each) => each instanceof HTMLDialogElement);
      if (event.key === "Escape" && !inDialog && this.hasAttribute("closable")) this.#leave();
    });
    for (const moved of ["wheel", "touchmove", "keydown"]) this.#log.addEventListener(moved, () => (this.#led = false), { passive: true });
    this.#ready = this.#start();
  }

  /** Puts the focus where the visitor writes, as soon as there is such a place. */
  enter() {
    (this.#composer?.question ?? this.#body.querySelector("button"))?.focus();
    this.#ready?.then(() => this.hidden || this.#composer?.question.focus());
  }

  /** @param {string} question */
  async ask(question) {
    if (await this.#ready) this.#ask(question, null);
  }

  /**
   * Adds a document, as if the visitor had.
   * @param {string} title
   * @param {string} text
   */
  async attach(title, text) {
    if (await this.#ready) this.#composer?.add(title, text);
  }

  async #start() {
    this.#body.replaceChildren(this.#header(this.#texts.assistant), element("p", { class: "welcome" }, this.#texts.loading));
    try {
      this.#settings = await this.#service.settings();
    } catch (error) {
      const again = this.#retry(() => (this.#ready = this.#start()));
      const told = error instanceof Problem && [401, 403, 404].includes(error.status) ? [] : [again];
      this.#body.replaceChildren(this.#header(this.#texts.assistant), element("div", { class: "welcome", role: "alert" }, element("p", { class: "problem" }, explained(error, this.#texts)), ...told));
      this.#tell("problem", { message: explained(error, this.#texts), status: error instanceof Problem ? error.status : null });
      return false;
    }
    this.#build(this.#settings);
    return true;
  }

  /** @param {import("./types.js").Settings} settings */
  #build(settings) {
    const texts = this.#texts;
    this.#root.adoptedStyleSheets = [sheet(STYLE), sheet(this.#size), sheet(coloursOf(settings.theme))];
    this.#body.setAttribute("aria-label", settings.title);
    this.#composer = new Composer(texts, settings, {
      ask: (question, task, sent) => this.#ask(question, task, sent),
      stop: () => this.#running?.stop(),
      read: (file) => this.#service.read(file),
      show: (dialog) => this.#show(dialog),
      explain: (error) => explained(error, this.#texts),
    });
    this.#body.replaceChildren(
      this.#header(settings.title),
      element("p", { class: "notice", dir: "auto" }, settings.notice),
      this.#log,
      element("div", { class: "dock" }, this.#composer.form, settings.disclaimer && element("p", { class: "disclaimer", dir: "auto" }, settings.disclaimer)),
    );
    this.#log.setAttribute("aria-label", settings.title);
    try {
      if (this.#memory.kept?.turns.length) this.#restore();
      else this.#welcome();
    } catch {
      this.#memory.forget(); // Another version of us remembered it in another form.
      this.#welcome();
    }
    this.hidden || this.#composer.question.focus();
  }

  /** @param {string} title */
  #header(title) {
    const texts = this.#texts;
    const acts = {
      ...(this.#settings && { [texts.again]: () => this.#again() }),
      ...(this.#settings?.handoff.person && { [texts.person]: () => this.#handOver() }),
      ...(this.#settings && { [texts.erase]: () => this.#show(eraseDialog(texts, () => this.#erase())) }),
    };
    return header(title, texts, acts, this.hasAttribute("closable") ? () => this.#leave() : null);
  }

  #welcome() {
    this.#log.replaceChildren(element("div", { class: "welcome", "aria-live": "off" }, element("p", {}, this.#texts.welcome), this.#whatCanBeAsked()));
  }

  /** Questions that can be asked, and the way to a person. */
  #whatCanBeAsked() {
    const texts = this.#texts;
    const asked = (this.#settings?.suggestions ?? []).map((each) => element("button", { type: "button", class: "suggestion", dir: "auto", onclick: () => this.#ask(each, null) }, each));
    const person = this.#settings?.handoff.person && this.#memory.kept && element("button", { type: "button", class: "suggestion person", onclick: () => this.#handOver() }, icon("person"), texts.person);
    return element("div", { class: "suggestions" }, asked.length > 0 && element("p", { class: "quiet" }, texts.suggestions), ...asked, person);
  }

  /**
   * @param {string} question
   * @param {import("./types.js").Task | null} task
   * @param {string} [sent] The question in words that the vertical understands, where those are others.
   */
  #ask(question, task, sent = question) {
    const [settings, composer] = [this.#settings, this.#composer];
    if (!settings || !composer || this.#running) return;
    const kept = this.#memory.begin();
    /** @type {import("./types.js").Kept} */
    const record = { question, attached: composer.attached };
    const body = {
      model: settings.name,
      messages: [{ role: "user", content: sent }],
      documents: composer.documents,
      notice_shown: true,
      ...(task && { task }),
      ...(kept.conversation && { conversation_id: kept.conversation }),
    };
    if (!kept.turns.length) this.#log.replaceChildren();
    kept.turns.push(record);
    this.#memory.save();
    this.#tell("question", { question });
    const turn = this.#showTurn(record);
    this.#followed = this.#follow(turn, record, new Exchange(this.#service, body, random()), () => this.#ask(question, task, sent));
  }

  /**
   * @param {Turn} turn
   * @param {import("./types.js").Kept} record
   * @param {Exchange} exchange
   * @param {() => void} askAgain
   */
  async #follow(turn, record, exchange, askAgain) {
    const kept = this.#memory.begin();
    this.#running = exchange;
    if (this.#composer) this.#composer.busy = true;
    try {
      for await (const event of exchange.events()) this.#take(event, turn, record);
      if (!record.answer) turn.end(this.#texts.stopped, this.#retry(() => this.#redo(turn, record, askAgain)));
    } catch (error) {
      if (error instanceof Problem && error.status === 404) kept.conversation = null;
      const message = explained(error, this.#texts, turn.joiners.length > 0);
      const refused = error instanceof Problem && [401, 403].includes(error.status);
      turn.end(message, ...(refused ? [] : [this.#retry(() => this.#redo(turn, record, askAgain), error)]));
      this.#tell("problem", { message, status: error instanceof Problem ? error.status : null });
    } finally {
      this.#running = null;
      if (this.#composer) this.#composer.busy = false;
      delete record.answerId;
      if (!record.answer) kept.turns = kept.turns.filter((each) => each !== record); // Half an answer is none.
      this.#memory.save();
    }
  }

  /**
   * @param {import("./types.js").StreamEvent} event
   * @param {Turn} turn
   * @param {import("./types.js").Kept} record
   */
  #take(event, turn, record) {
    const kept = this.#memory.begin();
    if ("stage" in event) turn.stage(event.stage);
    else if ("opened" in event) {
      turn.restart();
      record.answerId = event.opened.answer_id;
      if (!kept.conversations.includes(event.opened.conversation_id)) kept.conversations.push(event.opened.conversation_id);
      this.#memory.save();
    } else if ("said" in event) {
      turn.say(event.said);
      this.#tell("sentence", { text: event.said.sentence.text });
    } else {
      kept.conversation = event.answer.conversation_id;
      record.answer = event.answer;
      record.joiners = turn.joiners;
      turn.finish(event.answer);
      this.#tell("answer", { answer: event.answer });
    }
    this.#bringUp(turn);
  }

  /** @param {import("./types.js").Kept} record */
  #showTurn(record) {
    const settings = /** @type {import("./types.js").Settings} */ (this.#settings);
    const turn = new Turn(record.question, record.attached, this.#texts, settings, {
      openSource: (citation, sentences) => {
        const own = this.#composer?.documents.find((each) => each.id === citation.document);
        this.#show(sourceDialog(citation, sentences, own, this.#texts));
      },
      rate: (answerId, rating, reason) => this.#service.rate(answerId, rating, reason).then(() => this.#texts.thanks, (error) => explained(error, this.#texts)),
      whatCanBeAsked: () => this.#whatCanBeAsked(),
    });
    this.#log.append(turn.root);
    this.#led = true;
    this.#bringUp(turn);
    return turn;
  }

  /**
   * Keeps the question in sight while its answer grows, until the visitor goes elsewhere.
   * @param {Turn} turn
   */
  #bringUp(turn) {
    if (this.#led) this.#log.scrollTop = turn.root.offsetTop - 12;
  }

  /** The turns of before the page was loaded anew, the last of them perhaps still coming. */
  #restore() {
    const kept = this.#memory.begin();
    this.#log.setAttribute("aria-live", "off");
    for (const record of [...kept.turns]) {
      const turn = this.#showTurn(record);
      if (record.answer) {
        record.answer.sentences.forEach((sentence, place) => turn.say({ text: (record.joiners?.[place] ?? " ") + sentence.text, sentence, citations: record.answer?.citations ?? [] }));
        turn.finish(record.answer);
      } else if (record.answerId) {
        this.#followed = this.#follow(turn, record, new Exchange(this.#service, null, "", record.answerId), () => this.#ask(record.question, null));
      } else {
        turn.end(this.#texts.problem.broken, this.#retry(() => this.#redo(turn, record, () => this.#ask(record.question, null))));
        kept.turns = kept.turns.filter((each) => each !== record);
      }
    }
    setTimeout(() => this.#log.setAttribute("aria-live", "polite"));
  }

  /**
   * @param {Turn} turn
   * @param {import("./types.js").Kept} record
   * @param {() => void} askAgain
   */
  #redo(turn, record, askAgain) {
    if (this.#running) return;
    turn.root.remove();
    const kept = this.#memory.begin();
    kept.turns = kept.turns.filter((each) => each !== record);
    askAgain();
    this.#composer?.question.focus();
  }

  /**
   * A button to try again; where the service said when, it can be pressed from then on.
   * @param {() => void} act
   * @param {unknown} [error]
   */
  #retry(act, error) {
    const wait = error instanceof Problem && error.kind !== "budget-spent" ? Math.min(error.retryAfter ?? 0, 120) : 0;
    const button = element("button", { type: "button", class: "soft", disabled: wait > 0, onclick: act }, this.#texts.retry);
    if (wait) setTimeout(() => (button.disabled = false), wait * 1000);
    return button;
  }

  #again() {
    this.#running?.stop();
    const kept = this.#memory.kept;
    if (kept) {
      kept.conversation = null;
      kept.turns = [];
      this.#memory.save();
    }
    this.#composer?.clear();
    this.#welcome();
    this.#composer?.question.focus();
  }

  async #erase() {
    const kept = this.#memory.kept;
    this.#running?.stop();
    await this.#followed; // What is still said would otherwise be remembered again.
    for (const conversation of kept?.conversations ?? []) await this.#service.erase(conversation);
    this.#memory.forget();
    this.#composer?.clear();
    this.#welcome();
    this.#log.prepend(element("p", { class: "quiet" }, this.#texts.erased));
    this.#tell("erased", {});
  }

  #handOver() {
    const conversation = this.#memory.kept?.conversation ?? null;
    const settings = /** @type {import("./types.js").Settings} */ (this.#settings);
    const passOn = async (/** @type {string} */ reason) => {
      await this.#service.handOver(conversation ?? "", reason);
      this.#tell("handover", { conversation_id: conversation });
    };
    this.#show(handoverDialog(this.#texts, settings.handoff, conversation ? passOn : null, () => this.#transcript(), (error) => explained(error, this.#texts)));
  }

  /** What was said, for an e-mail. */
  #transcript() {
    const said = (this.#memory.kept?.turns ?? []).map(({ question, answer }) => `> ${question}\n${answer?.sentences.map((each) => each.text).join(" ") ?? ""}`);
    return said.join("\n\n").slice(-1500); // Mail programs cut longer links.
  }

  /** @param {HTMLDialogElement} dialog */
  #show(dialog) {
    dialog.addEventListener("close", () => dialog.remove());
    this.#body.append(dialog);
    dialog.showModal();
  }

  #leave() {
    this.dispatchEvent(new CustomEvent("leave"));
  }

  /**
   * @param {string} name
   * @param {object} detail
   */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent("told", { detail: { name, detail } }));
  }
}

customElements.get("assistant-conversation") ?? customElements.define("assistant-conversation", AssistantConversation);
