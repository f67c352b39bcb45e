/** Tells that something new is shown: whoever enhances it looks at it then. */

/** @type {(() => void)[]} */
const listeners = [];

/** @param {() => void} listener */
export function onShown(listener) {
  listeners.push(listener);
}

/** Something new stands on the page. */
export function shown() {
  for (const listener of listeners) listener();
}
