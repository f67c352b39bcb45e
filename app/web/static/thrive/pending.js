/** Submits that aren't decided yet: written down before they are sent, so that a reload loses none. */

/** @import {CallAbout, PendingStorage} from "../thrive.js" */
/**
 * @typedef {CallAbout & { method: string, path: string, body?: unknown }} Submit
 * @typedef {Submit & { key: string, at: number, jobId: string | null }} Pending
 */

/** The server knows a key for 24 hours; what is sent again after that would be a second request. */
const KEPT_MS = 23 * 3600 * 1000;

/** Keys that are followed in this page already. */
const followed = new Set();

export class PendingSubmits {
  #storage;
  #prefix;

  /**
   * @param {PendingStorage} storage
   * @param {string} base submits to another server aren't ours
   */
  constructor(storage, base) {
    this.#storage = storage;
    this.#prefix = `thrive:${base}:`;
  }

  /** @param {Pending} pending */
  write(pending) {
    followed.add(pending.key);
    try {
      this.#storage.setItem(this.#prefix + pending.key, JSON.stringify(pending));
    } catch {
      // a storage that is full is no reason not to book: only a reload loses sight of it
    }
  }

  /** @param {Pending} pending */
  erase({ key }) {
    this.#storage.removeItem(this.#prefix + key);
  }

  /** @param {Pending} pending */
  leave({ key }) {
    followed.delete(key);
  }

  /** @returns {Pending[]} those that nobody in this page follows, the oldest first */
  left() {
    const names = Array.from({ length: this.#storage.length }, (_, i) => this.#storage.key(i) ?? "");
    return names
      .filter((name) => name.startsWith(this.#prefix))
      .flatMap((name) => this.#read(name))
      .filter((pending) => !followed.has(pending.key) && this.#isKnown(pending))
      .sort((one, other) => one.at - other.at);
  }

  /**
   * @param {string} name
   * @returns {Pending[]} none where somebody else wrote there
   */
  #read(name) {
    try {
      return [JSON.parse(this.#storage.getItem(name) ?? "")];
    } catch {
      this.#storage.removeItem(name);
      return [];
    }
  }

  /** @param {Pending} pending */
  #isKnown(pending) {
    const known = Date.now() - pending.at < KEPT_MS;
    if (!known) this.erase(pending);
    return known;
  }
}

/**
 * The tab's own storage; where the browser gives none, what lasts as long as the page.
 *
 * @returns {PendingStorage}
 */
export function tabStorage() {
  try {
    return globalThis.sessionStorage ?? new PageStorage();
  } catch {
    return new PageStorage();
  }
}

class PageStorage {
  /** @type {Map<string, string>} */
  #items = new Map();

  get length() {
    return this.#items.size;
  }

  /** @type {PendingStorage["key"]} */
  key = (index) => [...this.#items.keys()][index] ?? null;

  /** @type {PendingStorage["getItem"]} */
  getItem = (name) => this.#items.get(name) ?? null;

  /** @type {PendingStorage["setItem"]} */
  setItem = (name, value) => void this.#items.set(name, value);

  /** @type {PendingStorage["removeItem"]} */
  removeItem = (name) => void this.#items.delete(name);
}
