/** Keeps a page that says so (`data-live`) as it is on the server, without a reload. */

import { onCourseStepBooked } from "../thrive.js";
import { client, isLeaving } from "./client.js";
import { tell } from "./news.js";
import { mainOf } from "./parts.js";
import { shown } from "./showing.js";
import { words } from "./words.js";

/** The page as the server gave it last: scripts change it since. */
let given = "";

let asked = 0;
/** Which look is shown: an answer that was overtaken by a later one's is old. */
let newest = 0;

/** How long a page is left alone while something on it may change by itself. */
const QUIET_MS = 5000;

/** Look again when a booking was made, the connection is back or the window is looked at. */
export function keepFresh() {
  given = page()?.innerHTML ?? "";
  onCourseStepBooked(() => void refresh());
  addEventListener("online", () => void refresh());
  addEventListener("offline", () => tell(words("gone")));
  document.addEventListener("visibilitychange", () => void refresh());
  // "back" shows the page as it was left, whoever is signed in by now
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
  setInterval(() => mayChange() && void refresh(), QUIET_MS);
}

/** Whether something on the page waits for somebody else. */
function mayChange() {
  return !document.hidden && page()?.querySelector(".step.waiting, .step.pending, .progress") != null;
}

/** The part of the present page that lives, or null. */
const page = () => document.querySelector("main[data-live]");

/** Show the page as it is by now; where the reader is on it stays. */
export async function refresh() {
  const here = page();
  if (!here || document.hidden) return;
  const look = ++asked;
  try {
    const { main } = mainOf(await client.getPage(location.pathname + location.search));
    if (look < newest) return;
    newest = look;
    if (main.innerHTML !== given) exchange(here, main);
  } catch (error) {
    isLeaving(error); // else the next look is soon enough
  }
}

/**
 * @param {Element} here
 * @param {Element} main
 */
function exchange(here, main) {
  const place = placeOf(document.activeElement, here);
  given = main.innerHTML;
  here.replaceChildren(...main.childNodes);
  here.toggleAttribute("data-live", main.hasAttribute("data-live"));
  if (place) /** @type {HTMLElement | null} */ (here.querySelector(place))?.focus();
  shown();
}

/**
 * How to find the element again on the new page.
 *
 * @param {Element | null} element
 * @param {Element} here
 */
function placeOf(element, here) {
  if (!element || !here.contains(element)) return null;
  if (element.id) return `#${CSS.escape(element.id)}`;
  const href = element.getAttribute("href");
  return href ? `[href="${CSS.escape(href)}"]` : null;
}
