/** The page: asks for the key once, sends questions, and shows the answers as they arrive. */

import { Problem, ask, erase } from "./stream.js";
import { filled, textsFor } from "./texts.js";
import { Turn, showSource } from "./view.js";

const KEY = "assistant-key";
const byId = (id) => document.getElementById(id);
const { vertical, tasks: taskNames } = document.body.dataset;
const tasks = taskNames.split(" ");
const texts = textsFor(document.documentElement.lang);

let conversation = null;
let running = null;

function fillTexts() {
  for (const each of document.querySelectorAll("[data-text]")) each.textContent = texts[each.dataset.text];
  for (const each of document.querySelectorAll("[data-placeholder]")) each.placeholder = texts[each.dataset.placeholder];
  for (const task of tasks) byId("task").append(new Option(texts.task[task], task));
  byId("task-choice").hidden = tasks.length < 2;
  byId("attachment").hidden = !tasks.some((task) => task !== "answer");
}

/** A key that came in the address is kept for this tab and taken out of the address and the history. */
function takeKeyFromAddress() {
  const key = new URLSearchParams(location.hash.slice(1)).get("key");
  if (!key) return;
  sessionStorage.setItem(KEY, key);
  history.replaceState(null, "", location.pathname + location.search);
}

function showDoorOrComposer(problem = "") {
  const known = sessionStorage.getItem(KEY) !== null;
  byId("door").hidden = known;
  byId("composer").hidden = !known;
  byId("key-problem").textContent = problem;
  byId(known ? "question" : "key").focus();
}

function showBusy(busy) {
  byId("ask").disabled = busy;
  byId("stop").hidden = !busy;
  byId("erase").hidden = busy || byId("turns").childElementCount === 0;
}

/** What the form asks for, or null when there is nothing to ask yet. */
function requestFromForm() {
  const task = tasks.length > 1 ? byId("task").value : tasks[0];
  const attached = byId("document").value.trim();
  const typed = byId("question").value.trim();
  const question = typed || (attached && texts.defaultQuestion[task]) || "";
  if (!question) return null;
  const documents = attached ? [{ id: texts.documentTitle, title: texts.documentTitle, text: attached }] : [];
  const body = { model: vertical, task, documents, messages: [{ role: "user", content: question }] };
  return { question, attached, body: conversation ? { ...body, conversation_id: conversation } : body };
}

async function submit() {
  const asked = running ? null : requestFromForm();
  if (!asked) return;
  const words = asked.attached ? asked.attached.split(/\s+/).length : 0;
  const attachment = words ? filled(texts.documentAttached, { words }) : "";
  const turn = new Turn(asked.question, attachment, texts, (citation) => showSource(byId("source"), citation, texts));
  byId("welcome").hidden = true;
  byId("turns").append(turn.root);
  byId("question").value = "";
  byId("document").value = "";
  byId("attachment").open = false;
  turn.root.scrollIntoView({ block: "start" });
  running = new AbortController();
  showBusy(true);
  try {
    await follow(turn, asked.body);
  } catch (error) {
    if (error.status === 401) askAgainForKey(turn, asked);
    else explain(turn, error);
  } finally {
    running = null;
    showBusy(false);
  }
}

async function follow(turn, body) {
  for await (const event of ask(body, sessionStorage.getItem(KEY), running.signal)) {
    if (event.stage) turn.stage(event.stage);
    else if (event.answer) {
      conversation = event.answer.conversation_id;
      turn.finish(event.answer);
    } else turn.say(event);
    turn.root.scrollIntoView({ block: "nearest" }); // Does nothing to an answer that is taller than the window.
  }
}

/** Asks for another key, with the question back in its box. */
function askAgainForKey(turn, asked) {
  turn.root.remove();
  byId("question").value = asked.question;
  byId("document").value = asked.attached;
  sessionStorage.removeItem(KEY);
  showDoorOrComposer(texts.keyRefused);
}

function explain(turn, error) {
  if (error.name === "AbortError") turn.note(texts.stopped);
  else if (!(error instanceof Problem)) turn.fail(texts.unreachable);
  else if (error.retryAfter) turn.fail(filled(texts.retry, { message: sentence(error.message), seconds: error.retryAfter }));
  else turn.fail(sentence(error.message));
}

/** An error's text as a sentence: "the model is busy" → "The model is busy." */
function sentence(text) {
  const ended = /[.!?…]$/.test(text) ? text : `${text}.`;
  return ended.charAt(0).toUpperCase() + ended.slice(1);
}

async function startOver() {
  try {
    if (conversation) await erase(conversation, sessionStorage.getItem(KEY));
  } catch (error) {
    const turn = byId("turns").lastElementChild;
    turn.append(Object.assign(document.createElement("p"), { className: "problem", textContent: sentence(error.message) }));
    return; // What could not be erased stays in sight.
  }
  conversation = null;
  byId("turns").replaceChildren();
  byId("welcome").hidden = false;
  showBusy(false);
  byId("question").focus();
}

byId("door").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, byId("key").value.trim());
  byId("key").value = "";
  showDoorOrComposer();
});
byId("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
byId("question").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  submit();
});
byId("stop").addEventListener("click", () => running?.abort());
byId("erase").addEventListener("click", startOver);
addEventListener("hashchange", () => {
  takeKeyFromAddress();
  showDoorOrComposer();
});

fillTexts();
takeKeyFromAddress();
showDoorOrComposer();
