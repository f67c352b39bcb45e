/** The events by which parts of a page tell each other of bookings. */

/** @import * as promised from "../thrive.js" */

export const STEP_BOOKED = "thrive-course:stepBooked";
export const BOOK_STEP = "thrive-course:bookStep";

/**
 * Tells that a step was booked, changed or cancelled: whoever shows it looks again.
 *
 * @type {typeof promised.dispatchCourseStepBooked}
 */
export const dispatchCourseStepBooked = (detail) => dispatch(STEP_BOOKED, detail);

/**
 * Asks for the dialogue that books a step or, with `isModifying`, moves it.
 *
 * @type {typeof promised.dispatchBookStep}
 */
export const dispatchBookStep = (detail) => dispatch(BOOK_STEP, detail);

/** @type {typeof promised.onCourseStepBooked} */
export const onCourseStepBooked = (listener) => listen(STEP_BOOKED, listener);

/** @type {typeof promised.onBookStep} */
export const onBookStep = (listener) => listen(BOOK_STEP, listener);

/** @type {(type: string, detail: unknown) => void} */
function dispatch(type, detail) {
  window.dispatchEvent(new CustomEvent(type, { detail }));
}

/**
 * @template Detail
 * @param {string} type
 * @param {(detail: Detail) => void} listener
 */
function listen(type, listener) {
  /** @param {Event} event */
  const heard = (event) => listener(/** @type {CustomEvent<Detail>} */ (event).detail);
  window.addEventListener(type, heard);
  return () => window.removeEventListener(type, heard);
}
