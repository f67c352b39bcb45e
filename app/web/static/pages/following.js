/** Follows the requests that a page shows as not decided yet, and looks again when one is. */

import { client, isLeaving } from "./client.js";
import { tell } from "./news.js";
import { ProgressBar } from "./progress.js";
import { refresh } from "./refreshing.js";

/** Each holds an answer of the server open; the page's own refreshing sees to the rest. */
const MOST = 3;
/** @type {Map<string, ProgressBar>} */
const followed = new Map();

/** Follow what stands on the page and isn't followed yet. */
export function followJobs() {
  for (const element of document.querySelectorAll("[data-job]")) {
    const jobId = /** @type {HTMLElement} */ (element).dataset.job ?? "";
    const bar = followed.get(jobId);
    if (bar) element.replaceWith(bar.element); // the page was shown anew meanwhile
    else if (followed.size < MOST) void followOne(jobId, element);
  }
}

/**
 * @param {string} jobId
 * @param {Element} element
 */
async function followOne(jobId, element) {
  const bar = new ProgressBar(element);
  followed.set(jobId, bar);
  try {
    await client.followJob(jobId, { onProgress: bar.show });
  } catch (error) {
    if (isLeaving(error)) return; // whatever else came of it, the page tells
  }
  followed.delete(jobId);
  await refresh();
  if (location.pathname === `/jobs/${jobId}`) readOut();
}

/** The page tells by now what came of the request that it is about. */
function readOut() {
  const heading = document.querySelector("main h1");
  heading?.setAttribute("tabindex", "-1");
  /** @type {HTMLElement | null} */ (heading)?.focus();
  tell(document.querySelector("main .tag")?.textContent ?? "");
}
