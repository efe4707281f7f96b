// The editor of questions: rows in place, a live preview, and unfinished text that is never lost.
// Everything here also works without it, by the same buttons.

import { drawMath } from "./math.js";
import { act, firstField, full, putBack, watchRows } from "./rows.js";

const PREVIEW_AFTER = 450;
const KEEP_AFTER = 2500;

const form = document.querySelector("form[data-editor]");
const pane = document.querySelector(".edit-preview");
const here = document.querySelector("[data-preview-here]");
const live = document.querySelector("[data-announce]");
const saving = form?.querySelector("[data-save-state]");


function start() {
  form.addEventListener("click", pressed);
  form.querySelector(".error-summary")?.addEventListener("click", toLine);
  form.addEventListener("input", changed);
  form.addEventListener("change", chosen);
  form.addEventListener("submit", leaving);
  form.addEventListener("focusin", (event) => (lastText = event.target.closest?.("textarea[data-markup]") ?? lastText));
  pane.addEventListener("click", lookAt);
  addEventListener("pagehide", keepAtOnce);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && keepAtOnce());
  document.addEventListener("keydown", saveByKey);
  watchRows(form, { touched, say });
  narrow();
  pictures();
  document.documentElement.dataset.editor = "ready";
}

// Buttons

function pressed(event) {
  const button = event.target.closest("button[data-verb]");
  if (button?.dataset.verb === "refresh") {
    event.preventDefault();
    refresh(button.closest("[data-row]"));
  } else if (button) {
    event.preventDefault();
    act(button);
  } else if (event.target.closest("[data-undo]")) {
    putBack(event.target.closest("[data-rows]"));
  } else if (event.target.closest("[data-look]")) {
    event.preventDefault();
    toggle();
  }
}

/** The fields of a part depend on its type, so the server draws that row anew. */
async function refresh(row) {
  row.inert = true;
  const sent = await post(form.action, { do: "refresh" });
  row.inert = false;
  if (!sent?.ok) return form.requestSubmit(row.querySelector("[data-verb=refresh]"));
  const page = new DOMParser().parseFromString(await sent.text(), "text/html");
  const fresh = page.querySelector(`[data-row="${row.dataset.row}"]`);
  if (!fresh) return;
  row.replaceWith(fresh);
  for (const list of fresh.querySelectorAll("[data-rows]")) full(list);
  fresh.querySelector("select")?.focus();
  touched();
}

function chosen(event) {
  const select = event.target;
  if (select.matches("[data-offers]")) narrow();
  if (select.name?.endsWith(".type")) {
    const row = select.closest("[data-row]");
    if (row?.querySelector("[data-verb=refresh]")) refresh(row);
  }
}

// Subtopics and objectives that do not belong to what was chosen above them are no choice.

function narrow() {
  const chain = ["topic", "subtopic", "objective"].map((name) => form.querySelector(`select[data-offers="${name}"]`));
  for (const [place, select] of chain.entries()) {
    const above = chain[place - 1]?.value;
    if (!select || place === 0) continue;
    for (const option of select.options) {
      const fits = !above || above.startsWith(":") || option.value.startsWith(`${above}.`);
      option.hidden = option.value !== "" && !option.value.startsWith(":") && !option.selected && !fits;
    }
    for (const group of select.querySelectorAll("optgroup")) {
      group.hidden = [...group.children].every((option) => option.hidden);
    }
  }
}

// The preview: drawn by the very templates that learners get, a moment after the last key.

let previewTimer;
let looking;

function changed(event) {
  if (event.target.closest("[data-picture-form]")) return;
  touched();
}

function touched() {
  unsaved = true;
  clearTimeout(previewTimer);
  previewTimer = setTimeout(() => look(""), PREVIEW_AFTER);
  keepSoon();
}

async function look(what) {
  looking?.abort();
  looking = new AbortController();
  const { signal } = looking;
  pane.setAttribute("aria-busy", "true");
  const answer = await post(form.dataset.preview, { do: what }, signal);
  if (signal.aborted) return;
  pane.removeAttribute("aria-busy");
  if (!answer?.ok) return failed(what);
  const html = await answer.text();
  if (signal.aborted) return;
  const open = here.querySelector("[data-keeps=answered]")?.open;
  here.innerHTML = html;
  if (open) here.querySelector("[data-keeps=answered]")?.setAttribute("open", "");
  drawMath(here);
  const draws = pane.querySelector("[data-show=draws]");
  if (draws) draws.hidden = !form.querySelector("[name=variants]")?.value.trim() && !form.querySelector("[name=yaml]");
  if (what) pane.scrollTo({ top: 0 });
}

function failed(what) {
  if (what) here.querySelector(".edit-state").textContent = "That could not be shown just now. Try again.";
}

function lookAt(event) {
  const button = event.target.closest("[data-show]");
  if (button) {
    event.preventDefault();
    clearTimeout(previewTimer);
    look(button.dataset.show);
    return;
  }
  const link = event.target.closest('a[href^="#f-"]');
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  field.closest("details")?.setAttribute("open", "");
  field.scrollIntoView({ block: "center" });
  (field.matches("input, textarea, select") ? field : firstField(field))?.focus({ preventScroll: true });
}

/** In YAML a message leads to its line. */
function toLine(event) {
  const line = Number(event.target.closest("[data-line]")?.dataset.line);
  const text = document.getElementById("f-yaml");
  if (!line || !text) return;
  event.preventDefault();
  const lines = text.value.split("\n");
  const from = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  text.focus();
  text.setSelectionRange(from, from + (lines[line - 1]?.length ?? 0));
}

function toggle() {
  if (matchMedia("(width < 72rem)").matches) {
    pane.scrollIntoView();
    pane.focus({ preventScroll: true });
    return;
  }
  document.querySelector(".editor").classList.toggle("is-alone");
}

// Unfinished text: kept every few seconds, and on leaving.

let unsaved = form !== null && "unsaved" in form.dataset;
let kept = true;
let keepTimer;
let keeping;
let isLeaving = false;

function keepSoon() {
  kept = false;
  clearTimeout(keepTimer);
  keepTimer = setTimeout(keep, KEEP_AFTER);
}

async function keep() {
  if (kept || isLeaving) return;
  kept = true;
  show("saving", "Keeping a draft …");
  keeping = new AbortController();
  const answer = await post(form.dataset.draft, {}, keeping.signal, "PUT");
  if (isLeaving) return;
  if (answer?.ok) {
    const told = await answer.json();
    const time = new Date(told.saved_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    show("saved", told.kept ? `Draft kept ${time}` : "Nothing to save");
    if (!told.kept) unsaved = false;
    return;
  }
  kept = false;
  show(navigator.onLine ? "failed" : "offline", answer?.status === 413 ? "Too long to keep" : "Draft not kept yet");
  if (answer?.status !== 413) keepTimer = setTimeout(keep, 2 * KEEP_AFTER);
}

function keepAtOnce() {
  if (kept || isLeaving) return;
  kept = navigator.sendBeacon(form.dataset.draft, new FormData(form));
}

function leaving(event) {
  if (event.submitter?.value?.startsWith("mode:") || ["save", "next"].includes(event.submitter?.value)) {
    isLeaving = true;
    clearTimeout(keepTimer);
    clearTimeout(previewTimer);
    keeping?.abort();
    looking?.abort();
  }
}

addEventListener("pageshow", (event) => {
  if (event.persisted) isLeaving = false;
});
addEventListener("beforeunload", (event) => {
  if (unsaved && !kept && !isLeaving && !navigator.onLine) event.preventDefault();
});

function saveByKey(event) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "s") return;
  event.preventDefault();
  form.requestSubmit(form.querySelector(".edit-bar [value=save]"));
}

function show(state, words) {
  if (!saving) return;
  saving.dataset.state = state;
  saving.querySelector("[data-save-words]").textContent = words;
}

// Pictures go where the cursor was last.

let lastText;

function pictures() {
  const dialog = document.getElementById("picture");
  const sending = dialog?.querySelector("[data-picture-form]");
  form.querySelector("[data-picture]")?.addEventListener("click", (event) => {
    event.preventDefault();
    dialog.showModal();
  });
  sending?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = sending.querySelector("button");
    button.disabled = true;
    const answer = await send(sending.action, new FormData(sending), { headers: { Accept: "application/json" } });
    button.disabled = false;
    const told = await answer?.json().catch(() => ({}));
    if (!answer?.ok) {
      complain(sending, told?.message ?? (answer?.status === 413 ? "This picture is too large." : "It could not be sent. Try again."));
      return;
    }
    complain(sending, "");
    sending.reset();
    dialog.close();
    insert(told);
  });
}

function complain(sending, words) {
  const place = sending.querySelector("[data-picture-error]");
  place.hidden = !words;
  place.querySelector("span").textContent = words;
}

function insert(told) {
  const text = lastText?.isConnected ? lastText : form.querySelector("#f-stem, #f-yaml");
  const markup = text.dataset.markup || form.querySelector("[name=markup]")?.value || "markdown";
  const line = ["html", "moodle"].includes(markup) ? told.html : told.markdown;
  text.focus();
  text.setRangeText(line, text.selectionStart, text.selectionEnd, "end");
  text.dispatchEvent(new Event("input", { bubbles: true }));
  say("The picture is in the text.");
}

// Talking to the server

function post(address, more, signal, method = "POST") {
  const fields = new FormData(form);
  fields.delete("do");
  for (const [name, value] of Object.entries(more)) fields.set(name, value);
  return send(address, fields, { signal, method });
}

async function send(address, body, options) {
  const token = document.querySelector("meta[name=csrf-token]").content;
  const headers = { "X-CSRFToken": token, ...options.headers };
  try {
    return await fetch(address, { method: "POST", ...options, headers, body });
  } catch {
    return null;
  }
}

function say(words) {
  live.textContent = "";
  requestAnimationFrame(() => (live.textContent = words));
}

if (form) start();
