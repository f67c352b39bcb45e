/** The bar and the sentence that say how a request stands. */

import { words } from "./words.js";

/** After so long without a decision the sentence says that nothing is lost. */
const LONG_SECONDS = 15;

const FINAL = new Set(["SUCCEEDED", "REFUSED", "FAILED", "WITHDRAWN"]);

/** @import { ThriveProgress } from "../thrive.js" */

export class ProgressBar {
  #bar = document.createElement("progress");
  #sentence = document.createElement("p");
  #first = 0;
  #said = "";
  element;

  /** @param {Element} [element] one that the server made */
  constructor(element) {
    this.element = element ?? document.createElement("div");
    this.element.className = "progress";
    this.#bar.setAttribute("aria-label", words("queue"));
    this.#sentence.setAttribute("role", "status");
    const before = this.element.querySelector("progress");
    if (before) this.#first = Math.max(0, before.max - 2);
    this.element.replaceChildren(this.#bar, this.#sentence);
  }

  /** @type {(progress: ThriveProgress) => void} */
  show = ({ status, position, estimatedSeconds, seconds }) => {
    if (FINAL.has(status)) return; // what came of it is told elsewhere
    if (position !== null) {
      this.#first = Math.max(this.#first, position);
      // never full: who is next isn't done
      this.#bar.max = this.#first + 2;
      this.#bar.value = this.#first + 1 - position;
    }
    const said = sentence(status, position, estimatedSeconds, seconds);
    // a screen reader says it again whenever it is written
    if (said !== this.#said) this.#sentence.textContent = this.#said = said;
  };
}

/** @type {(status: string, position: number | null, left: number | null, seconds: number) => string} */
function sentence(status, position, left, seconds) {
  if (status === "OFFLINE") return words("offline");
  if (status === "BUSY") return words("busy");
  if (position === null) return words("sending");
  const place = position > 0 ? words("ahead", position) : words("next");
  const time = left ? words("seconds", left) : "";
  const calm = seconds >= LONG_SECONDS ? words("waiting") : "";
  return [place, time, calm].filter(Boolean).join(" ");
}
