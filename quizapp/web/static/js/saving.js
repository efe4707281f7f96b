// Saving the answer of this page as it changes.
//
// One save is under way at a time. A save that got no reply is sent again exactly as it was, so the
// server can tell that it has it; only then is newer content sent, with the next sequence number.

import { announce, banner } from "./announcing.js";
import { put } from "./server.js";

const TYPING_PAUSE = 400;
const RETRY_AFTER = [1000, 2000, 4000, 8000, 15000];
const OWN_FIELDS = new Set(["csrf_token", "sequence", "action", "confidence"]);

export class Saving {
  #form;
  #facts;
  #outbox;
  #known;
  #underWay = null;
  #wanted = null;
  #savedText;
  #typing = 0;
  #retrying = 0;
  #tries = 0;
  #leaving = false;
  #settled = Promise.resolve();

  constructor(form, outbox) {
    this.#form = form;
    this.#facts = form.dataset;
    this.#outbox = outbox;
    this.#known = Number(form.elements.sequence.value);
    this.#savedText = JSON.stringify(this.#content());
  }

  begin() {
    this.#restore();
    this.#form.addEventListener("input", (event) => this.changed(event.target.matches("input[type=text], textarea, input:not([type])")));
    this.#form.addEventListener("change", () => this.changed());
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    this.#form.querySelector("[data-clear]")?.addEventListener("click", (event) => this.#clear(event));
    this.#form.querySelector("[data-flag]")?.addEventListener("click", (event) => this.#flag(event));
    for (const sign of ["online", "focus"]) addEventListener(sign, () => this.#again());
    addEventListener("offline", () => this.#show("offline", "Not saved: you are offline"));
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#again());
    addEventListener("beforeunload", (event) => {
      if (!this.#leaving && this.#isDirty()) event.preventDefault();
    });
  }

  /** Something was changed; while somebody types, wait for a pause. */
  changed(typing = false) {
    clearTimeout(this.#typing);
    if (typing) this.#typing = setTimeout(() => this.#want(), TYPING_PAUSE);
    else this.#want();
  }

  /** Send what waits now; resolves when it is saved or cannot be at the moment. */
  async flush() {
    clearTimeout(this.#typing);
    this.#want();
    await this.#settled;
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
    return Boolean(this.#underWay) || JSON.stringify(this.#content()) !== this.#savedText;
  }

  #want() {
    const content = this.#content();
    if (!this.#underWay && JSON.stringify(content) === this.#savedText) return;
    this.#wanted = content;
    if (!this.#underWay) this.#settled = this.#send();
  }

  async #send() {
    while (this.#wanted || this.#underWay) {
      if (!this.#underWay) {
        this.#underWay = { ...this.#wanted, sequence: this.#known + 1 };
        this.#wanted = null;
      }
      this.#outbox.keep({
        api: this.#facts.api,
        attempt: this.#facts.attempt,
        position: this.#facts.position,
        ...this.#underWay,
      });
      this.#show("saving", "Saving");
      const result = await put(this.#facts.api, this.#underWay, this.#facts);
      if (!this.#took(result)) return;
    }
  }

  /** Deal with a reply; false ends this round of sending. */
  #took(result) {
    switch (result.kind) {
      case "saved":
        this.#saved(result);
        return true;
      case "retry":
        this.#later("failed", "Not saved: retrying");
        return false;
      case "offline":
        this.#later("offline", "Not saved: you are offline");
        return false;
      case "signed-out":
        this.#later("failed", "Not saved: you are signed out");
        banner("You are signed out. Your answer is kept on this device. Sign in in a new tab, then come back here.", [
          { label: "Sign in", href: this.#facts.signIn },
        ]);
        return false;
      case "refused":
        this.#forget();
        this.#show("failed", `Not saved: ${result.message}`);
        return Boolean(this.#wanted);
      case "conflict":
        this.#conflict(result);
        return false;
      default:
        this.#forget();
        this.#show("failed", "Not saved");
        return false;
    }
  }

  #saved(result) {
    this.#known = result.sequence;
    this.#form.elements.sequence.value = result.sequence;
    this.#savedText = JSON.stringify({ answer: this.#underWay.answer, confidence: this.#underWay.confidence });
    this.#forget();
    this.#tries = 0;
    const clock = new Date(result.saved_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    this.#show("saved", `Saved ${clock}`);
  }

  #forget() {
    this.#outbox.drop({ attempt: this.#facts.attempt, position: this.#facts.position });
    this.#underWay = null;
  }

  #later(state, words) {
    this.#show(state, words);
    clearTimeout(this.#retrying);
    const pause = RETRY_AFTER[Math.min(this.#tries, RETRY_AFTER.length - 1)];
    this.#tries += 1;
    this.#retrying = setTimeout(() => this.#again(), pause);
  }

  #again() {
    if (!this.#underWay && !this.#wanted) return;
    clearTimeout(this.#retrying);
    this.#settled = this.#settled.then(() => this.#send());
  }

  #conflict(result) {
    const mine = this.#underWay;
    this.#forget();
    if (result.error === "changed_elsewhere") {
      this.#show("failed", "Not saved: changed elsewhere");
      banner("This question was answered in another tab or on another device.", [
        { label: "Keep the answer on this page", act: () => this.#insist(result.sequence, mine) },
        { label: "Take the newer answer", act: () => this.#leave(() => location.reload()) },
      ]);
      return;
    }
    this.#wanted = null;
    this.#savedText = JSON.stringify(this.#content());
    this.#show("failed", "Not saved");
    banner(result.message, [{ label: "Go on", href: `/attempts/${this.#facts.attempt}` }]);
  }

  #insist(sequence, mine) {
    this.#known = sequence;
    this.#form.elements.sequence.value = sequence;
    this.#wanted ??= mine;
    this.#settled = this.#send();
  }

  /** After a reload: what was never acknowledged goes back into the page, and out to the server. */
  #restore() {
    const entry = this.#outbox.of(this.#facts.attempt, this.#facts.position);
    if (!entry) return;
    if (entry.sequence <= this.#known && JSON.stringify(entry.answer) === JSON.stringify(this.#content().answer)) {
      this.#outbox.drop(entry);
      return;
    }
    for (const field of this.#form.elements) {
      if (!field.name || OWN_FIELDS.has(field.name)) continue;
      const values = entry.answer[field.name] ?? [];
      if (field.type === "radio" || field.type === "checkbox") field.checked = values.includes(field.value);
      else field.value = values[0] ?? "";
    }
    this.#underWay = { sequence: entry.sequence, answer: entry.answer, confidence: entry.confidence };
    this.#settled = this.#send();
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
    const result = await put(button.dataset.flag, { flagged }, this.#facts);
    if (result.kind !== "saved") {
      banner("The flag could not be saved. Try again in a moment.");
      return;
    }
    button.setAttribute("aria-pressed", String(flagged));
    button.value = flagged ? "unflag" : "flag";
    button.querySelector("[data-flag-words]").textContent = flagged ? "Flagged for review" : "Flag for review";
    document.querySelector(".map-link[aria-current]")?.classList.toggle("is-flagged", flagged);
    announce(flagged ? "Flagged for review." : "Flag taken away.");
  }

  /** A button of the form: what is under way arrives first, and offline the page is not lost. */
  async #submit(event) {
    clearTimeout(this.#typing);
    if (!this.#underWay && navigator.onLine) {
      this.#leave();
      return;
    }
    event.preventDefault();
    const button = event.submitter;
    await this.flush();
    if (this.#underWay || !navigator.onLine) {
      banner("You are offline. Your answer is kept on this device and is sent by itself when you are back.");
      return;
    }
    if (document.querySelector("[data-banner]").hidden) this.#leave(() => this.#form.requestSubmit(button));
  }

  #leave(go) {
    this.#leaving = true;
    go?.();
  }

  #show(state, words) {
    const place = this.#form.querySelector("[data-save-state]");
    if (!place) return;
    place.dataset.state = state;
    const text = place.querySelector("[data-save-words]");
    if (text.textContent !== words) text.textContent = words;
    if (state === "saved") {
      const current = document.querySelector(".map-link[aria-current]");
      const answered = Object.values(this.#content().answer).some((values) => values.some((value) => value.trim()));
      current?.classList.toggle("is-answered", answered);
    }
  }
}

