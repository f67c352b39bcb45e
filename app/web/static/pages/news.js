/** The line that tells what has just happened: to the eye for a while, to screen readers once. */

const SHOWN_MS = 8000;

/** @type {number | undefined} */
let fading;

/** @param {string} text */
export function tell(text) {
  const place = document.getElementById("news");
  if (!place || !text) return;
  place.textContent = text;
  clearTimeout(fading);
  fading = setTimeout(() => (place.textContent = ""), SHOWN_MS);
}
