// Answers that the server has not acknowledged yet. They survive a reload, and belong to one learner.

import { put } from "./server.js";

const OLDEST = 7 * 24 * 3600 * 1000;
const UNREACHABLE = new Set(["retry", "offline", "signed-out"]);

export class Outbox {
  #delivering = null;

  constructor(learner) {
    this.learner = learner;
    this.name = `quizapp:outbox:${learner}`;
  }

  /**
   * All waiting entries, oldest first: {api, attempt, position, sequence, answer, confidence, newer, at}.
   * What was sent stays as it is until it is acknowledged; `newer` is what has been answered since.
   */
  all() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.name) ?? "[]");
      return kept.filter((entry) => Date.now() - entry.at < OLDEST);
    } catch {
      return [];
    }
  }

  /** Keep an entry; a later one for the same question takes its place. */
  keep(entry) {
    this.#write([...this.#others(entry), { ...entry, at: Date.now() }]);
  }

  drop(entry) {
    this.#write(this.#others(entry));
  }

  of(attempt, position) {
    return this.all().find((entry) => entry.attempt === attempt && String(entry.position) === String(position));
  }

  isEmpty(attempt) {
    return !this.all().some((entry) => entry.attempt === attempt);
  }

  /** Send what waits for other questions. What can never be counted is dropped and reported. */
  deliverOthers(facts, report) {
    this.#delivering ??= this.#deliver(facts, report).finally(() => {
      this.#delivering = null;
    });
    return this.#delivering;
  }

  async #deliver(facts, report) {
    for (const entry of this.all()) {
      if (entry.attempt === facts.attempt && String(entry.position) === facts.position) continue;
      const result = await this.#send(entry, facts);
      if (UNREACHABLE.has(result.kind)) return;
      this.drop(entry);
      if (result.kind !== "saved") report(entry, result.message ?? "It was refused.");
    }
  }

  async #send(entry, facts) {
    const how = { sessionApi: facts.sessionApi, learner: this.learner };
    const { sequence, answer, confidence, newer } = entry;
    const result = await put(entry.api, { sequence, answer, confidence }, how);
    if (!newer || (result.kind !== "saved" && result.kind !== "refused")) return result;
    const next = result.kind === "saved" ? result.sequence + 1 : sequence;
    return put(entry.api, { ...newer, sequence: next }, how);
  }

  #others(entry) {
    return this.all().filter(
      (other) => other.attempt !== entry.attempt || String(other.position) !== String(entry.position),
    );
  }

  #write(entries) {
    try {
      localStorage.setItem(this.name, JSON.stringify(entries));
    } catch {
      // Storage is full or forbidden: answers are then only kept while the page is open.
    }
  }
}
