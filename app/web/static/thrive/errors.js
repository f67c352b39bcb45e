/** What can come of a call besides its result, each an error that a program can tell apart. */

/** @import {ErrorAbout, Job} from "../thrive.js" */

/** Any of them: `code` names it for programs, `message` is a sentence for the student. */
export class ThriveError extends Error {
  /** @type {"refused" | "failed" | "withdrawn" | "signIn" | "rejected" | "unavailable" | "network"} */
  kind = "rejected";

  /**
   * @param {string} code
   * @param {string} message for where no problem document brings its own
   * @param {ErrorAbout} [about]
   */
  constructor(code, message, { status = null, problem = null, jobId = null, cause } = {}) {
    super(problem?.message ?? message, { cause });
    this.name = new.target.name;
    this.code = problem?.code ?? code;
    this.status = status;
    this.problem = problem;
    this.jobId = jobId;
  }
}

/** The rules said no: `code` is the refusal's. Nothing was changed. */
export class RefusedError extends ThriveError {
  kind = /** @type {const} */ ("refused");

  /** Sessions that could be taken instead. */
  get alternatives() {
    return this.problem?.alternatives ?? [];
  }

  /** Whether one can wait for a seat. */
  get waitlistOpen() {
    return this.problem?.waitlistOpen ?? false;
  }

  /** Of a bulk booking: every step that was refused. */
  get failures() {
    return this.problem?.failures ?? [];
  }
}

/** The server tried several times and gave up. Nothing was changed. */
export class FailedError extends ThriveError {
  kind = /** @type {const} */ ("failed");
}

/** The request was taken back before it was decided. */
export class WithdrawnError extends ThriveError {
  kind = /** @type {const} */ ("withdrawn");
}

/** Nobody is signed in, or not any more. What was submitted is kept for `resume()`. */
export class SignInError extends ThriveError {
  kind = /** @type {const} */ ("signIn");
}

/** The server doesn't take the request as it is: unknown, invalid, not allowed. */
export class RequestError extends ThriveError {
  kind = /** @type {const} */ ("rejected");
}

/** The server asked to come back later, for longer than patience lasts. Kept for `resume()`. */
export class UnavailableError extends ThriveError {
  kind = /** @type {const} */ ("unavailable");
}

/** No answer for longer than patience lasts; it may have arrived. Kept for `resume()`. */
export class NetworkError extends ThriveError {
  kind = /** @type {const} */ ("network");
}

/**
 * @param {Job} job a final one that didn't succeed
 * @returns {ThriveError}
 */
export function outcomeError(job) {
  const about = { problem: job.error, jobId: job.id };
  if (job.status === "REFUSED") return new RefusedError("refused", "This was refused.", about);
  if (job.status === "FAILED") return new FailedError("failed", "This didn't work.", about);
  return new WithdrawnError("withdrawn", "This was taken back.", about);
}
