// The player: ties saving, time, keys and the other tabs together on a page of a running quiz.

import { announce, banner, hideBanner } from "./announcing.js";
import { enhanceBinning } from "./binning.js";
import { watchKeys } from "./keys.js";
import { enhanceLines } from "./lines.js";
import { enhanceOrdering } from "./ordering.js";
import { Outbox } from "./outbox.js";
import { Saving } from "./saving.js";
import { watchTabs } from "./tabs.js";
import { Timer } from "./timer.js";

const SENT_AGAIN_AFTER = 5000;

const form = document.querySelector("[data-player]");
const facts = (form ?? document.querySelector("[data-summary-page]")).dataset;
const outbox = new Outbox(facts.learner);
const saving = form && !("checked" in facts) ? new Saving(form, outbox) : null;
let handedIn = false;

for (const list of document.querySelectorAll("[data-ordering]")) enhanceOrdering(list, () => saving?.changed());
for (const box of document.querySelectorAll("[data-binning]")) enhanceBinning(box);
for (const listing of document.querySelectorAll("[data-lines]")) enhanceLines(listing);
saving?.begin();
deliver();
addEventListener("online", deliver);

if ("secondsLeft" in facts) new Timer(facts, { atZero, finish, goOn, reload }).begin();
else document.addEventListener("say-time", () => announce("There is no time limit."));

if (form) {
  watchKeys(form, facts.shortcuts === "on");
  watchTabs(facts.attempt, reload);
  if (!document.querySelector("[data-focus]")) start().focus();
}
document.querySelector("[data-submit]")?.addEventListener("submit", handIn);

// A page that the browser kept while it was away shows what was true then.
addEventListener("pageshow", (event) => event.persisted && location.reload());

document.documentElement.dataset.ready = "yes";

/** Where reading begins: at the verdict of a checked answer, else at the question. */
function start() {
  return document.querySelector("[data-feedback]") ?? document.querySelector("[data-heading]");
}

function deliver() {
  return outbox.deliverOthers(facts, (entry, reason) => {
    banner(`late-${entry.position}`, "Not saved", `Your change to question ${entry.position} came too late. ${reason}`);
  });
}

async function atZero() {
  banner("time-up", "Time is up", "Your saved answers are being submitted.");
  close(true);
  await saving?.flush();
}

function goOn() {
  hideBanner("time-up");
  close(false);
}

function close(closed) {
  for (const part of document.querySelectorAll(".question-block, .player-foot, [data-submit]")) part.inert = closed;
}

function finish() {
  saving?.leave();
  location.assign(facts.resume);
}

async function reload() {
  if (!saving || (await saving.flush())) location.reload();
}

/** Handing in waits for answers that are still on their way, and happens once. */
async function handIn(event) {
  if (handedIn) {
    event.preventDefault();
    return;
  }
  if (navigator.onLine && outbox.isEmpty(facts.attempt)) {
    handedIn = true;
    setTimeout(() => (handedIn = false), SENT_AGAIN_AFTER);
    return;
  }
  event.preventDefault();
  announce("Sending your last answers first.");
  await deliver();
  if (navigator.onLine && outbox.isEmpty(facts.attempt)) event.target.requestSubmit();
  else banner("hand-in", "Not submitted", "You are offline. Submit again when you are back online.");
}
