/** A page that embeds the widget: it takes a key from its address, once, and lets documents be tried at one click. */

import { mount } from "/widget.mjs";

const KEY = "assistant-key";
const door = /** @type {HTMLFormElement} */ (document.getElementById("door"));
const field = /** @type {HTMLInputElement} */ (document.getElementById("key"));
/** @type {import("../source/launcher.js").AssistantWidget | null} */
let widget = null;

/** A key that came in the address is kept for this tab and taken out of the address and the history. */
function takeKeyFromAddress() {
  const key = new URLSearchParams(location.hash.slice(1)).get("key");
  if (!key) return;
  sessionStorage.setItem(KEY, key);
  history.replaceState(null, "", location.pathname + location.search);
}

function showWidgetOrDoor() {
  const token = sessionStorage.getItem(KEY);
  door.hidden = token !== null;
  if (token === null || widget) return;
  widget = mount({ vertical: document.body.dataset.vertical ?? "", token, language: document.documentElement.lang });
  widget.on("problem", ({ status }) => {
    if (status !== 401) return;
    sessionStorage.removeItem(KEY);
    widget?.remove();
    widget = null;
    showWidgetOrDoor();
  });
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button[data-ask], button[data-sample]") : null;
  if (!(button instanceof HTMLButtonElement)) return;
  if (!widget) return field.focus();
  const { ask, sample } = button.dataset;
  if (ask) widget.ask(ask);
  else if (sample) widget.attach(sample, button.parentElement?.querySelector("pre")?.textContent ?? "");
});
door.addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, field.value.trim());
  field.value = "";
  showWidgetOrDoor();
});
addEventListener("hashchange", () => {
  takeKeyFromAddress();
  showWidgetOrDoor();
});
takeKeyFromAddress();
showWidgetOrDoor();
