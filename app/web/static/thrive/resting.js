/** Waiting for a while. */

/**
 * Resolves after `seconds`, or as soon as the browser is online again where `online` is asked for.
 *
 * @param {number} seconds
 * @param {AbortSignal | undefined} signal rejects with its reason
 * @param {{ online?: boolean }} [sooner]
 * @returns {Promise<void>}
 */
export function rest(seconds, signal, { online = false } = {}) {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const over = new AbortController();
    const timer = setTimeout(() => end(resolve), seconds * 1000);
    /** @param {() => void} settle */
    function end(settle) {
      clearTimeout(timer);
      over.abort();
      settle();
    }
    /** @type {(target: EventTarget, type: string, settle: () => void) => void} */
    const listen = (target, type, settle) =>
      target.addEventListener(type, () => end(settle), { signal: over.signal });
    if (online) listen(globalThis, "online", resolve);
    if (signal) listen(signal, "abort", () => reject(signal.reason));
  });
}
