/** Following a job until it is decided. */

/** @import {Job} from "../thrive.js" */
/** @import {Answer, Request} from "./network.js" */

import { retryAfterSeconds } from "./network.js";
import { rest } from "./resting.js";

/** Most requests are decided within it: one round trip. Who isn't is soon told the place. */
export const HOLD_SUBMIT = { Prefer: "wait=1" };
/** The place in the queue is news as often. */
const HOLD_POLL = { Prefer: "wait=4" };

/**
 * Polls until the job is final, at the pace that the server asks for.
 *
 * @param {Answer} answer with the job, of a submit or a poll
 * @param {{ send: (request: Request) => Promise<Answer>, onJob: (job: Job) => void,
 *   signal: AbortSignal | undefined }} by
 * @returns {Promise<Job>}
 */
export async function follow(answer, { send, onJob, signal }) {
  let job = /** @type {Job} */ (answer.body);
  let etag = answer.headers.get("ETag");
  for (;;) {
    onJob(job);
    if (job.status !== "QUEUED") return job;
    await rest(pauseAfter(answer, job), signal);
    answer = await send(poll(job.id, etag));
    if (answer.status !== 304) {
      job = /** @type {Job} */ (answer.body);
      etag = answer.headers.get("ETag");
    }
  }
}

/**
 * @param {string} jobId
 * @param {string | null} [etag] of what is known: the answer is held back for news; else it isn't
 * @returns {Request}
 */
export function poll(jobId, etag) {
  const path = `/api/jobs/${encodeURIComponent(jobId)}`;
  return { method: "GET", path, headers: etag ? { ...HOLD_POLL, "If-None-Match": etag } : {} };
}

/**
 * @param {Answer} answer
 * @param {Job} job
 * @returns {number} seconds: none where the server has just held its answer back
 */
function pauseAfter({ headers }, job) {
  if (headers.has("Preference-Applied")) return 0;
  return retryAfterSeconds(headers) ?? (job.pollAfterMs ?? 1000) / 1000;
}
