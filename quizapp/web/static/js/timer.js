// The time left. The server says how much; this only counts down what it said, on a clock that no one can set.

import { announce } from "./announcing.js";

const MILESTONES = [600, 300, 60, 30];
const SHORT = 300;
const RESYNC = 60_000;
const GRACE = 1000;

export class Timer {
  #api;
  #onZero;
  #left;
  #readAt;
  #said = new Set();
  #over = false;

  constructor(facts, onZero) {
    this.#api = facts.timeApi;
    this.#onZero = onZero;
    this.#read(Number(facts.secondsLeft));
    for (const milestone of [this.#left / 2, ...MILESTONES]) {
      if (milestone >= this.#left) this.#said.add(milestone);
    }
    this.milestones = [...new Set([Math.floor(this.#left / 2), ...MILESTONES])];
  }

  begin() {
    this.#tick();
    setInterval(() => this.#tick(), 1000);
    setInterval(() => this.#sync(), RESYNC);
    for (const sign of ["focus", "online"]) addEventListener(sign, () => this.#sync());
    document.addEventListener("say-time", () => announce(`${words(this.#seconds())} left.`));
    document.querySelector("[data-timer]")?.addEventListener("click", () => {
      announce(`${words(this.#seconds())} left.`);
    });
  }

  #read(seconds) {
    this.#left = seconds;
    this.#readAt = performance.now();
  }

  #seconds() {
    return Math.max(0, Math.round(this.#left - (performance.now() - this.#readAt) / 1000));
  }

  #tick() {
    const seconds = this.#seconds();
    const place = document.querySelector("[data-timer-words]");
    if (place) place.textContent = `${words(seconds)} left`;
    document.querySelector("[data-timer]")?.classList.toggle("is-short", seconds < SHORT);
    const hidden = document.querySelector("[data-timer-hidden]");
    if (hidden) hidden.hidden = !(seconds <= SHORT);
    for (const milestone of this.milestones) {
      if (seconds > milestone || this.#said.has(milestone)) continue;
      this.#said.add(milestone);
      if (seconds > milestone - 5) announce(`${words(seconds)} left.`);
    }
    if (seconds === 0) this.#zero();
  }

  async #zero() {
    if (this.#over) return;
    this.#over = true;
    announce("Time is up. Your saved answers are being submitted.");
    await new Promise((resolve) => setTimeout(resolve, GRACE));
    const time = await this.#ask();
    if (time && !time.over && time.seconds_left > 0) {
      this.#over = false;
      this.#read(time.seconds_left);
      return;
    }
    await this.#onZero();
  }

  async #sync() {
    const time = await this.#ask();
    if (!time) return;
    if (time.over && !this.#over) {
      this.#over = true;
      await this.#onZero();
    } else if (time.seconds_left !== null) {
      this.#read(time.seconds_left);
      this.#tick();
    }
  }

  async #ask() {
    try {
      const answer = await fetch(this.#api, { headers: { Accept: "application/json" } });
      return answer.ok ? await answer.json() : null;
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
  if (minutes) return `${minutes} min ${rest} s`;
  return `${rest} s`;
}
