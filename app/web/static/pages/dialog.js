/** Shows what is a page of its own in a dialog over the present one; "back" closes it. */

import { RequestError, dispatchBookStep, onBookStep } from "../thrive.js";
import { client, isLeaving } from "./client.js";
import { tell } from "./news.js";
import { mainOf } from "./parts.js";
import { refresh } from "./refreshing.js";
import { shown } from "./showing.js";
import { words } from "./words.js";

/** @type {HTMLDialogElement | undefined} */
let dialog;
/** @type {string | undefined} the page that it shows, or is to show next */
let wanted;

/** Links that say so open in the dialog; those to book a step ask for it by the event. */
export function enhanceDialogs() {
  document.addEventListener("click", clicked);
  onBookStep(({ packageId, stepId }) => void open(`/packages/${packageId}/steps/${stepId}`));
  addEventListener("popstate", () => dialog?.close());
}

/** @param {MouseEvent} event */
function clicked(event) {
  const link = /** @type {Element} */ (event.target).closest("a");
  if (!link || event.defaultPrevented || isForAnotherWindow(event)) return;
  const inside = link.closest("dialog");
  if (link.dataset.bookStep) {
    event.preventDefault();
    askForBooking(link);
  } else if (inside && "close" in link.dataset) {
    event.preventDefault();
    close();
  } else if ("dialog" in link.dataset || (inside && "inDialog" in link.dataset)) {
    event.preventDefault();
    void open(link.href);
  }
}

/** @param {MouseEvent} event */
function isForAnotherWindow(event) {
  return event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
}

/** @param {HTMLAnchorElement} link */
function askForBooking({ dataset }) {
  const [packageId, stepId] = (dataset.bookStep ?? "").split(" ").map(Number);
  dispatchBookStep({
    packageId,
    stepId,
    stepLabel: dataset.stepLabel ?? "",
    stepTitle: dataset.stepTitle ?? "",
    isModifying: "modifying" in dataset,
  });
}

/**
 * Shows this page in the dialog, in place of what it shows already.
 *
 * @param {string} url
 */
export async function open(url) {
  wanted = url;
  try {
    const { main, title } = mainOf(await client.getPage(url));
    if (wanted !== url) return; // another one was asked for meanwhile
    fill(main, title);
  } catch (error) {
    if (isLeaving(error)) return;
    tell(words(error instanceof RequestError ? "wrong_rejected" : "unavailable"));
  }
}

/** Whether the dialog can be seen. */
export function isOpen() {
  return dialog?.open ?? false;
}

/** Closes it as the browser's "back" would. */
export function close() {
  if (dialog?.open) history.back();
}

/**
 * @param {Element} main
 * @param {string} title
 */
function fill(main, title) {
  dialog ??= made();
  dialog.setAttribute("aria-label", title.split(" · ")[0] ?? title);
  dialog.querySelector(".content")?.replaceChildren(...main.childNodes);
  if (!dialog.open) {
    dialog.showModal();
    history.pushState({ dialog: true }, "");
  }
  dialog.scrollTop = 0;
  focusFirst();
  shown();
}

/** What is chosen already, else the heading: a screen reader begins to read there. */
function focusFirst() {
  const heading = dialog?.querySelector("h1");
  heading?.setAttribute("tabindex", "-1");
  const first = dialog?.querySelector("input:checked") ?? heading;
  /** @type {HTMLElement | null | undefined} */ (first)?.focus();
}

function made() {
  const element = document.createElement("dialog");
  const content = document.createElement("div");
  content.className = "content";
  const button = document.createElement("button");
  button.className = "quiet small close";
  button.type = "button";
  button.textContent = words("close");
  button.addEventListener("click", close);
  element.append(button, content);
  element.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  element.addEventListener("close", () => {
    wanted = undefined;
    content.replaceChildren();
    void refresh(); // what was asked for in it may be under way
  });
  document.body.append(element);
  return element;
}
