/** The dialogs for what cannot be taken back: erasing, and passing the conversation on. */

import { element } from "./elements.js";

/**
 * @param {import("./en.js").Texts} texts
 * @param {() => Promise<void>} erase
 */
export function eraseDialog(texts, erase) {
  const said = element("p", { class: "problem", role: "alert" });
  const act = async () => {
    try {
      await erase();
      dialog.close();
    } catch {
      said.textContent = texts.problem.unreachable; // What could not be erased stays in sight.
    }
  };
  const dialog = element(
    "dialog",
    { "aria-labelledby": "erase-title" },
    element("h2", { id: "erase-title" }, texts.erase),
    element("p", {}, texts.eraseHelp),
    said,
    element("div", { class: "row end" }, element("button", { type: "button", class: "soft", onclick: () => dialog.close() }, texts.cancel), element("button", { type: "button", class: "solid", onclick: act }, texts.erase)),
  );
  return dialog;
}

/**
 * @param {import("./en.js").Texts} texts
 * @param {{text: string | null, mailto: string | null}} handoff
 * @param {((reason: string) => Promise<void>) | null} passOn Null where nothing was said yet.
 * @param {() => string} transcript
 * @param {(error: unknown) => string} explain
 */
export function handoverDialog(texts, handoff, passOn, transcript, explain) {
  const reason = element("textarea", { rows: 3, maxlength: 500, "aria-label": texts.personHelp });
  const said = element("p", { class: "quiet", role: "alert" });
  const act = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      await passOn?.(reason.value.trim());
      form.remove();
      said.textContent = texts.personDone;
    } catch (error) {
      said.textContent = explain(error);
    }
  };
  const form = element("form", { onsubmit: act }, element("p", {}, texts.personHelp), reason, element("div", { class: "row end" }, element("button", { class: "solid" }, texts.personSend)));
  const body = `${handoff.text ?? ""}\n\n${transcript()}`.trim();
  const mail = handoff.mailto && /^[^\s@?&]+@[^\s@?&]+$/.test(handoff.mailto) && `mailto:${handoff.mailto}?body=${encodeURIComponent(body)}`;
  const dialog = element(
    "dialog",
    { "aria-labelledby": "person-title" },
    element("h2", { id: "person-title" }, texts.person),
    handoff.text && element("p", { dir: "auto" }, handoff.text),
    passOn ? form : element("p", { class: "quiet" }, texts.personNone),
    said,
    element("div", { class: "row end" }, mail && element("a", { class: "soft", href: mail }, texts.mail), element("button", { type: "button", class: "soft", onclick: () => dialog.close() }, texts.close)),
  );
  return dialog;
}
