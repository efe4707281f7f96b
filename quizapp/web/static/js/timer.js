// The time left. The server says how much; this only counts down what it said, on a clock that no one can set.

import { announce } from "./announcing.js";

const MILESTONES = [600, 300, 60, 30];
const SHORT = 300;
const RESYNC = 60_000;
const ASK_AGAIN = 1000;
// The server takes answers that were on their way for a few seconds; then it has decided, even without a word.
const DECIDED_AFTER = 8000;

export class Timer {
  #api;
  #hooks;
  #left;
  #readAt;
  #milestones;
  #said = new Set();
  #over = false;

  /** `hooks` has atZero(), when time is up; finish(), once the server agrees; goOn(), when it does not; and reload(). */
  constructor(facts, hooks) {
    this.#api = facts.timeApi;
    this.#hooks = hooks;
    this.#milestones = [...new Set([Math.floor(Number(facts.secondsInAll) / 2), ...MILESTONES])];
    this.#read(Number(facts.secondsLeft));
  }

  begin() {
    this.#tick();
    setInterval(() => this.#tick(), 1000);
    setInterval(() => this.#sync(), RESYNC);
    for (const sign of ["focus", "online"]) addEventListener(sign, () => this.#sync());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#sync());
    document.addEventListener("say-time", () => this.#say());
    document.querySelector("[data-timer] button")?.addEventListener("click", () => this.#say());
  }

  /** Take what the server said. Milestones that are ahead will be told, those behind will not. */
  #read(seconds) {
    this.#left = seconds;
    this.#readAt = performance.now();
    for (const milestone of this.#milestones) {
      if (milestone >= seconds) this.#said.add(milestone);
      else this.#said.delete(milestone);
    }
  }

  #seconds() {
    return Math.max(0, Math.round(this.#left - (performance.now() - this.#readAt) / 1000));
  }

  #say() {
    announce(`${words(this.#seconds())} left.`);
  }

  #tick() {
    if (this.#over) return;
    const seconds = this.#seconds();
    this.#show(`${words(seconds)} left`, seconds);
    const passed = this.#milestones.filter((milestone) => seconds <= milestone && !this.#said.has(milestone));
    for (const milestone of passed) this.#said.add(milestone);
    if (passed.length && seconds) this.#say();
    if (seconds === 0) this.#zero();
  }

  #show(text, seconds) {
    const place = document.querySelector("[data-timer-words]");
    if (place && place.textContent !== text) place.textContent = text;
    document.querySelector("[data-timer]")?.classList.toggle("is-short", seconds < SHORT);
    const hidden = document.querySelector("[data-timer-hidden]");
    if (hidden) hidden.hidden = seconds > SHORT;
  }

  async #zero() {
    this.#over = true;
    await this.#hooks.atZero();
    const since = performance.now();
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN));
      const time = await this.#ask();
      if (!time) continue;
      if (!time.over && time.seconds_left !== 0) {
        this.#goOn(time);
        return;
      }
      if (time.over || performance.now() - since > DECIDED_AFTER) break;
    }
    this.#hooks.finish();
  }

  async #sync() {
    if (this.#over) return;
    const time = await this.#ask();
    if (!time || this.#over) return;
    if (time.over) this.#zero();
    else this.#goOn(time);
  }

  /** There is time left: as much as before, more than before, or no limit at all any more. */
  #goOn(time) {
    if (time.seconds_left === null) {
      this.#hooks.reload();
      return;
    }
    const more = time.seconds_left > this.#seconds() + 5;
    if (this.#over) this.#hooks.goOn();
    this.#over = false;
    this.#read(time.seconds_left);
    this.#tick();
    if (more) announce(`You were given more time: ${words(time.seconds_left)} left.`);
  }

  /** What the server says; null where it says nothing. */
  async #ask() {
    try {
      const answer = await fetch(this.#api, { headers: { Accept: "application/json" } });
      if (answer.ok) return await answer.json();
      // Signed out meanwhile: the server ends the quiz by itself, and this page cannot watch it.
      return this.#over && answer.status === 401 ? { over: true } : null;
    } catch {
      return null;
    }
  }
}

/** 18 min, 4 min 20 s, 45 s: seconds only when they matter. */
function words(seconds) {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = seconds % 60;
  if (hours) return minutes ? `${hours} h ${minutes} min` : `${hours} h`;
  if (minutes >= 10) return `${minutes} min`;
  if (minutes) return rest ? `${minutes} min ${rest} s` : `${minutes} min`;
  return `${rest} s`;
}
