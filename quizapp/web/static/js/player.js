// The player: ties saving, time, keys and the other tabs together on a page of a running quiz.

import { announce, banner } from "./announcing.js";
import { watchKeys } from "./keys.js";
import { enhanceOrdering } from "./ordering.js";
import { Outbox } from "./outbox.js";
import { Saving } from "./saving.js";
import { watchTabs } from "./tabs.js";
import { Timer } from "./timer.js";

const form = document.querySelector("[data-player]");
const page = form ?? document.querySelector("[data-summary-page]");
const facts = page.dataset;
const outbox = new Outbox(facts.learner);

const saving = form && !("checked" in facts) ? new Saving(form, outbox) : null;
enhanceOrdering(document.querySelector("[data-ordering]"), () => saving?.changed());
saving?.begin();

if ("secondsLeft" in facts) {
  new Timer(facts, async () => {
    await saving?.flush();
    location.assign(`/attempts/${facts.attempt}`);
  }).begin();
}

if (form) {
  watchKeys(form, facts.shortcuts === "on");
  watchTabs(facts.attempt);
  if (!document.querySelector("[role=alert]")) {
    document.querySelector("[data-feedback]")?.focus() ?? document.querySelector("[data-heading]")?.focus();
  }
}

outbox.deliverOthers(facts, (entry, reason) => {
  banner(`Your change to question ${entry.position} could not be counted: ${reason}`);
});

// Handing in waits for answers that are still on their way.
document.querySelector("[data-submit]")?.addEventListener("submit", async (event) => {
  if (outbox.isEmpty(facts.attempt) || event.target.dataset.flushed) return;
  event.preventDefault();
  announce("Sending your last answers first.");
  await outbox.deliverOthers(facts, () => {});
  if (outbox.isEmpty(facts.attempt)) {
    event.target.dataset.flushed = "yes";
    event.target.requestSubmit();
  } else {
    banner("You are offline, so your last answers are still on this device. Submit again when you are back online.");
  }
});

document.documentElement.dataset.ready = "yes";
