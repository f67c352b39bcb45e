/** Sends the forms of the main path through the client, and shows how each request stands. */

import { FailedError, RefusedError, ThriveError, WithdrawnError } from "../thrive.js";
import { dispatchCourseStepBooked } from "../thrive.js";
import { client, isLeaving } from "./client.js";
import { close, isOpen, open } from "./dialog.js";
import { tell } from "./news.js";
import { ProgressBar } from "./progress.js";
import { refresh } from "./refreshing.js";
import { words } from "./words.js";

/** @import { CallOptions, ResumedCall } from "../thrive.js" */
/** @typedef {{ booking?: { id: number }, failures?: unknown[] }} Result */

/**
 * @typedef {object} Deed
 * @property {string} name
 * @property {number} packageId
 * @property {number} stepId
 * @property {number} optionId
 * @property {number | undefined} sessionId
 * @property {FormData} fields
 */

/** @type {Record<string, (deed: Deed, options: CallOptions) => Promise<unknown>>} */
const CALLS = {
  book: ({ packageId, stepId, optionId, sessionId }, options) =>
    client.bookCourseStepSession(packageId, stepId, optionId, { ...options, sessionId }),
  change: ({ packageId, stepId, optionId, sessionId }, options) =>
    client.changeCourseStepSession(packageId, stepId, optionId, { ...options, sessionId }),
  join: ({ packageId, stepId, optionId, sessionId }, options) =>
    client.joinCourseStepWaitlist(packageId, stepId, optionId, { ...options, sessionId }),
  leave: ({ packageId, stepId }, options) =>
    client.leaveCourseStepWaitlist(packageId, stepId, options),
  cancel: ({ packageId, stepId, fields }, options) => {
    const reason = String(fields.get("reason") ?? "").trim();
    return client.cancelCourseStepBooking(packageId, stepId, reason || undefined, options);
  },
  bulk: ({ packageId, fields }, options) => {
    const mode = fields.has("bestEffort") ? "BEST_EFFORT" : "ALL_OR_NOTHING";
    return client.bulkBookCourseStepSessions(packageId, selections(fields), { ...options, mode });
  },
};

/** @type {Record<string, string>} */
const DEED_OF_CALL = {
  bookCourseStepSession: "book",
  changeCourseStepSession: "change",
  joinCourseStepWaitlist: "join",
  leaveCourseStepWaitlist: "leave",
  cancelCourseStepBooking: "cancel",
  bulkBookCourseStepSessions: "bulk",
};

/** Forms with a `data-deed` are sent by the client instead of the browser. */
export function enhanceDeeds() {
  document.addEventListener("submit", (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (!form.dataset.deed) return;
    event.preventDefault();
    // a second click while the first is under way
    if (form.getAttribute("aria-busy") !== "true") void send(form, event.submitter);
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} pressed
 */
async function send(form, pressed) {
  const deed = readForm(form, pressed);
  const bar = new ProgressBar();
  /** @type {string | null} */
  let jobId = null;
  setBusy(form, true);
  form.append(bar.element);
  bar.element.scrollIntoView({ block: "nearest" });
  const onProgress = (/** @type {import("../thrive.js").ThriveProgress} */ progress) => {
    jobId = progress.jobId;
    bar.show(progress);
  };
  try {
    const outcome = CALLS[deed.name](deed, { onProgress });
    // the dialog may show another step by then
    await settle(deed.name, deed, outcome, () => jobId, () => form.isConnected);
  } finally {
    bar.element.remove();
    setBusy(form, false);
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} pressed
 * @returns {Deed}
 */
function readForm(form, pressed) {
  const fields = new FormData(form, pressed);
  const [optionId = 0, sessionId] = String(fields.get("choice") ?? "").split("-").map(Number);
  return {
    name: form.dataset.deed ?? "",
    packageId: Number(form.dataset.package),
    stepId: Number(form.dataset.step),
    optionId,
    sessionId,
    fields,
  };
}

/** @param {FormData} fields */
function selections(fields) {
  return [...fields]
    .filter(([name, value]) => name.startsWith("step-") && value)
    .map(([name, value]) => {
      const [courseStepOptionId = 0, sessionId] = String(value).split("-").map(Number);
      return { courseStepId: Number(name.slice("step-".length)), courseStepOptionId, sessionId };
    });
}

/**
 * Buttons stay where they are for the keyboard's sake, but do nothing while one is under way.
 *
 * @param {HTMLFormElement} form
 * @param {boolean} busy
 */
function setBusy(form, busy) {
  form.setAttribute("aria-busy", String(busy));
  for (const button of form.querySelectorAll("button")) {
    button.setAttribute("aria-disabled", String(busy));
  }
}

/**
 * Takes up a call that a reload interrupted.
 *
 * @param {ResumedCall} call
 */
export function takeUp({ call, packageId, stepId, jobId, outcome }) {
  const deed = DEED_OF_CALL[call];
  const about = { packageId: packageId ?? 0, stepId: stepId ?? 0 };
  // elsewhere the reader does something else by now
  const isAwaited = () => location.pathname.startsWith(`/packages/${packageId}/`) && !isOpen();
  if (deed) void settle(deed, about, outcome, () => jobId, isAwaited);
  void refresh();
}

/**
 * Waits for the outcome, and tells it.
 *
 * @param {string} deed
 * @param {{ packageId: number, stepId: number }} of
 * @param {Promise<unknown>} outcome
 * @param {() => string | null} jobId
 * @param {() => boolean} isAwaited whether the reader still looks at what they sent; else they are
 *   left with what they look at
 */
async function settle(deed, { packageId, stepId }, outcome, jobId, isAwaited) {
  const about = { packageId, stepId };
  try {
    const result = /** @type {Result} */ (await outcome);
    tell(words(result.failures?.length ? "wrong_refused" : `done_${deed}`));
    dispatchCourseStepBooked({ ...about, success: true, bookingId: result.booking?.id });
    if (isAwaited()) show(deed, about, jobId());
  } catch (error) {
    if (isLeaving(error)) return;
    if (!(error instanceof ThriveError)) throw error;
    dispatchCourseStepBooked({ ...about, success: false });
    const isDecided = error instanceof RefusedError || error instanceof FailedError;
    if (isDecided && error.jobId && (isAwaited() || !isOpen())) await open(`/jobs/${error.jobId}`);
    else tell(words(error instanceof WithdrawnError ? "withdrawn" : `wrong_${error.kind}`));
  }
}

/**
 * A single step's new state is on the list below; what came of many has a page of its own.
 *
 * @param {string} deed
 * @param {{ packageId: number, stepId: number }} about
 * @param {string | null} jobId
 */
function show(deed, about, jobId) {
  if (deed === "bulk" && jobId) location.assign(`/jobs/${jobId}`);
  else if (isOpen()) close();
  else if (!document.querySelector("main[data-live]")) location.assign(`/#step-${about.packageId}-${about.stepId}`);
}
