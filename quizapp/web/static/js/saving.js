// Saving the answer of this page as it changes.
//
// One save is under way at a time. A save that got no reply is sent again exactly as it was, so the
// server can tell that it has it; only then is newer content sent, with the next sequence number.

import { announce, banner, hideBanner } from "./announcing.js";
import { put } from "./server.js";

const TYPING_PAUSE = 400;
const STILL_HERE_AFTER = 3000;
const RETRY_AFTER = [1000, 2000, 4000, 8000, 15000];
const OWN_FIELDS = new Set(["csrf_token", "sequence", "action", "confidence", "picture"]);
const TYPED = "input[type=text], textarea";

export class Saving {
  #form;
  #facts;
  #outbox;
  /** The sequence number of what the server is known to have, and that content as text. */
  #known;
  #savedText;
  #savedWords = "";
  /** What was sent and not acknowledged, and newer content that waits for it. */
  #underWay = null;
  #wanted = null;
  #sending = false;
  #settled = Promise.resolve();
  #typing = 0;
  #retrying = 0;
  #tries = 0;
  #trouble = false;
  #conflicting = false;
  #leaving = false;
  #unloading = false;

  constructor(form, outbox) {
    this.#form = form;
    this.#facts = form.dataset;
    this.#outbox = outbox;
    this.#known = Number(form.elements.sequence.value);
    this.#savedText = text(this.#content());
    if (this.#facts.savedAt) this.#savedWords = `Saved ${clock(this.#facts.savedAt)}`;
  }

  begin() {
    if (this.#savedWords) this.#show("saved", this.#savedWords);
    this.#form.addEventListener("input", (event) => this.changed(event.target.matches(TYPED)));
    this.#form.addEventListener("change", () => this.changed());
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    this.#form.querySelector("[data-clear]")?.addEventListener("click", (event) => this.#clear(event));
    this.#form.querySelector("[data-flag]")?.addEventListener("click", (event) => this.#flag(event));
    for (const sign of ["online", "focus"]) addEventListener(sign, () => this.#again());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#again());
    addEventListener("offline", () => this.#offline());
    addEventListener("online", () => this.#online());
    addEventListener("beforeunload", (event) => this.#unload(event));
    if ("unsaved" in this.#facts) {
      this.#savedText = "";
      this.#trouble = true;
    } else {
      this.#restore();
    }
  }

  /** Something was changed; while somebody types, wait for a pause. */
  changed(typing = false) {
    clearTimeout(this.#typing);
    if (typing) this.#typing = setTimeout(() => this.#want(), TYPING_PAUSE);
    else this.#want();
  }

  /** Send what waits now. Resolves to whether the page may be left without losing an answer. */
  async flush() {
    this.changed();
    this.#again();
    await this.#settled;
    return !this.#underWay && !this.#conflicting;
  }

  /** From now on the page may be left without a warning. */
  leave() {
    this.#leaving = true;
  }

  #content() {
    const fields = new FormData(this.#form);
    const answer = {};
    for (const [name, value] of fields) {
      if (!OWN_FIELDS.has(name) && typeof value === "string") (answer[name] ??= []).push(value);
    }
    return { answer, confidence: fields.get("confidence") };
  }

  #isDirty() {
    return Boolean(this.#underWay) || text(this.#content()) !== this.#savedText;
  }

  #want() {
    const content = this.#content();
    if (this.#underWay) {
      this.#wanted = text(content) === text(this.#underWay) ? null : content;
      this.#keep();
    } else if (text(content) !== this.#savedText) {
      this.#wanted = content;
      this.#again();
    }
  }

  /** Begin to send, unless that is going on already. */
  #again() {
    if (!this.#sending && (this.#underWay || this.#wanted)) this.#settled = this.#send();
  }

  async #send() {
    clearTimeout(this.#retrying);
    this.#sending = true;
    while (this.#next()) {
      this.#keep();
      this.#show("saving", "Saving");
      const { sequence, answer, confidence } = this.#underWay;
      const result = await put(this.#facts.api, { sequence, answer, confidence }, this.#facts);
      if (!this.#took(result)) break;
    }
    this.#sending = false;
  }

  #next() {
    if (!this.#underWay && this.#wanted) {
      this.#underWay = { ...this.#wanted, sequence: this.#known + 1 };
      this.#wanted = null;
    }
    return this.#underWay;
  }

  #keep() {
    const { api, attempt, position } = this.#facts;
    this.#outbox.keep({ api, attempt, position, ...this.#underWay, newer: this.#wanted });
  }

  #forget() {
    // A page that replaces this one may have been made before the save: it compares, and drops what it has.
    if (!this.#unloading) this.#outbox.drop({ attempt: this.#facts.attempt, position: this.#facts.position });
    this.#underWay = null;
  }

  /** Deal with a reply; false ends this round of sending. */
  #took(result) {
    if (result.kind !== "signed-out") hideBanner("signed-out");
    switch (result.kind) {
      case "saved":
        this.#saved(result);
        return true;
      case "retry":
        this.#later("failed", "Not saved: trying again");
        return false;
      case "offline":
        this.#later("offline", "Not saved: you are offline");
        return false;
      case "signed-out":
        this.#later("failed", "Not saved: you are signed out");
        this.#askToSignIn();
        return false;
      case "refused":
        this.#forget();
        this.#trouble = true;
        this.#sayReading("");
        this.#show("failed", `Not saved: ${result.message}`);
        return true;
      case "conflict":
        this.#conflict(result);
        return false;
      default:
        this.#forget();
        this.#trouble = true;
        this.#show("failed", "Not saved: the server does not know this question");
        return false;
    }
  }

  #saved(result) {
    this.#known = result.sequence;
    this.#form.elements.sequence.value = result.sequence;
    this.#savedText = text(this.#underWay);
    this.#forget();
    this.#tries = 0;
    this.#trouble = false;
    this.#savedWords = `Saved ${clock(result.saved_at)}`;
    this.#show("saved", this.#savedWords);
    this.#sayReading(result.read_as);
    this.#mark();
  }

  /** How the server understood what was typed. */
  #sayReading(words) {
    const place = this.#form.querySelector("[data-read-as]");
    if (place && place.textContent !== words) place.textContent = words;
  }

  #later(state, words) {
    this.#trouble = true;
    this.#show(state, words);
    clearTimeout(this.#retrying);
    const pause = RETRY_AFTER[Math.min(this.#tries, RETRY_AFTER.length - 1)];
    this.#tries += 1;
    this.#retrying = setTimeout(() => this.#again(), pause);
  }

  #askToSignIn() {
    if (document.querySelector("[data-about=signed-out]")) return;
    banner("signed-out", "Signed out", "Your answer is kept on this device, and is sent when you are signed in again.", [
      { label: "Sign in", href: this.#facts.signIn, act: () => this.leave() },
    ]);
  }

  #conflict(result) {
    const mine = this.#underWay;
    this.#forget();
    this.#trouble = true;
    if (result.error !== "changed_elsewhere") {
      this.#wanted = null;
      this.#savedText = text(this.#content());
      this.#show("failed", "Not saved");
      banner("closed", "Not saved", result.message, [{ label: "Go on", href: this.#facts.resume }]);
      return;
    }
    this.#conflicting = true;
    hideBanner("tabs");
    this.#show("failed", "Not saved: changed elsewhere");
    banner("conflict", "Not saved", "This question was answered in another tab or on another device.", [
      { label: "Keep the answer on this page", act: () => this.#insist(result.sequence, mine) },
      { label: "Take the newer answer", act: () => this.#yield() },
    ]);
  }

  #insist(sequence, mine) {
    this.#conflicting = false;
    this.#known = sequence;
    this.#form.elements.sequence.value = sequence;
    this.#wanted ??= mine;
    this.#again();
  }

  #yield() {
    this.leave();
    location.reload();
  }

  /** After a reload: what was never acknowledged goes back into the page, and out to the server. */
  #restore() {
    const entry = this.#outbox.of(this.#facts.attempt, this.#facts.position);
    if (!entry) return;
    const latest = entry.newer ?? { answer: entry.answer, confidence: entry.confidence };
    if (text(latest) === this.#savedText) {
      this.#outbox.drop(entry);
      return;
    }
    for (const field of this.#form.elements) {
      if (field.name === "confidence") field.checked = latest.confidence === field.value;
      if (!field.name || OWN_FIELDS.has(field.name)) continue;
      const values = latest.answer[field.name] ?? [];
      if (field.type === "radio" || field.type === "checkbox") field.checked = values.includes(field.value);
      else field.value = values[0] ?? "";
    }
    this.#form.dispatchEvent(new CustomEvent("restored"));
    this.#underWay = { sequence: entry.sequence, answer: entry.answer, confidence: entry.confidence };
    this.#wanted = entry.newer ?? null;
    this.#again();
  }

  #clear(event) {
    event.preventDefault();
    for (const field of this.#form.elements) {
      if (!field.name || OWN_FIELDS.has(field.name)) continue;
      if (field.type === "radio" || field.type === "checkbox") field.checked = false;
      else if (field.tagName !== "BUTTON") field.value = "";
    }
    this.#form.dispatchEvent(new CustomEvent("cleared"));
    announce("Answer cleared.");
    this.changed();
  }

  async #flag(event) {
    event.preventDefault();
    const button = event.currentTarget;
    const flagged = button.getAttribute("aria-pressed") !== "true";
    hideBanner("flag");
    const result = await put(button.dataset.flag, { flagged }, this.#facts);
    if (result.kind !== "saved") {
      banner("flag", "Not flagged", result.message ?? "The flag could not be saved. Try again in a moment.");
      return;
    }
    button.setAttribute("aria-pressed", String(flagged));
    button.value = flagged ? "unflag" : "flag";
    button.querySelector("[data-flag-words]").textContent = flagged ? "Flagged for review" : "Flag for review";
    this.#mark();
    announce(flagged ? "Flagged for review." : "Flag taken away.");
  }

  /** A button of the form: what is under way arrives first, and when it cannot, the page is not lost. */
  async #submit(event) {
    clearTimeout(this.#typing);
    if (this.#leaving) return;
    if (!this.#isDirty() && navigator.onLine) {
      this.leave();
      return;
    }
    event.preventDefault();
    const button = event.submitter;
    const arrived = await this.flush();
    if (!navigator.onLine) {
      this.#offline();
    } else if (arrived) {
      this.leave();
      this.#form.requestSubmit(button);
    } else if (this.#underWay && !document.querySelector("[data-about=signed-out]")) {
      banner("unreachable", "Not saved yet", "The server does not answer. Your answer is kept on this device and sent again.");
    }
  }

  #offline() {
    if (this.#isDirty()) this.#show("offline", "Not saved: you are offline");
    else this.#show("offline", "Offline");
    banner("offline", "Offline", "Stay on this page. Your answer is kept on this device and sent by itself when you are back online.");
  }

  #online() {
    hideBanner("offline");
    if (!this.#isDirty()) this.#show(this.#savedWords ? "saved" : "idle", this.#savedWords);
  }

  /** What can still be sent is sent. Only what could not be saved is worth a question. */
  #unload(event) {
    if (this.#leaving || !this.#isDirty()) return;
    this.#unloading = true;
    setTimeout(() => (this.#unloading = false), STILL_HERE_AFTER);
    this.changed();
    if (this.#trouble) event.preventDefault();
  }

  #show(state, words) {
    if (state === "saved") hideBanner("unreachable");
    const place = this.#form.querySelector("[data-save-state]");
    if (!place) return;
    place.dataset.state = state;
    const spoken = place.querySelector("[data-save-words]");
    if (spoken.textContent !== words) spoken.textContent = words;
  }

  /** Show in the map of questions what is known of this one. */
  #mark() {
    const square = document.querySelector(".map-link[aria-current]");
    if (!square) return;
    const saved = Object.values(JSON.parse(this.#savedText || "[{}]")[0]);
    const answered = saved.some((values) => values.some((value) => value.trim()));
    const flagged = this.#form.querySelector("[data-flag]")?.getAttribute("aria-pressed") === "true";
    square.classList.toggle("is-answered", answered);
    square.classList.toggle("is-flagged", flagged);
    square.querySelector("[data-map-state]").textContent =
      (answered ? "answered" : "not answered") + (flagged ? ", flagged" : "");
    document.querySelector("[data-answered]").textContent = document.querySelectorAll(".map-link.is-answered").length;
  }
}

function text({ answer, confidence }) {
  return JSON.stringify([answer, confidence]);
}

function clock(moment) {
  return new Date(moment).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}
