/** The calls of the plan's ThriveClient; what each promises is in thrive.d.ts. */

/**
 * @import {CallAbout, CallOptions, Job, JobResult, ResumedCall, SessionChoice,
 *   ThriveClient as Promised, ThriveClientOptions, ThriveProgress} from "../thrive.js"
 */
/** @import {Request, Sending} from "./network.js" */
/** @import {Pending, Submit} from "./pending.js" */

import { ThriveError, outcomeError } from "./errors.js";
import { HOLD_SUBMIT, follow, poll } from "./following.js";
import { Network } from "./network.js";
import { PendingSubmits, tabStorage } from "./pending.js";

const PATIENCE_SECONDS = 600;
/** Who looks at a list would rather read that it can't be had. */
const READING_SECONDS = 15;
const PACKAGES = "/api/students/me/course-packages";
/** After these the request may have arrived or can arrive yet: it is kept for `resume`. */
const UNDECIDED = new Set(["network", "unavailable", "signIn"]);

export class ThriveClient {
  #options;
  #network;
  #pending;

  /** @param {ThriveClientOptions} [options] */
  constructor(options = {}) {
    const base = new URL(options.baseUrl ?? "/", import.meta.url).href;
    this.#options = options;
    this.#network = new Network(base, options.token);
    this.#pending = new PendingSubmits(options.storage ?? tabStorage(), base);
  }

  /** @type {Promised["getCoursePackages"]} */
  getCoursePackages = (options) => this.#read(PACKAGES, options);

  /** @type {Promised["getUnbookedCourseSteps"]} */
  getUnbookedCourseSteps = (packageId, options) =>
    this.#read(`${PACKAGES}/${packageId}/unbooked-steps`, options);

  /** @type {Promised["getCourseStepSessions"]} */
  getCourseStepSessions = (packageId, stepId, { from, to, limit, ...options } = {}) => {
    const wanted = Object.entries({ from, to, limit }).filter(([, value]) => value !== undefined);
    const query = new URLSearchParams(wanted.map(([name, value]) => [name, String(value)]));
    return this.#read(`${step(packageId, stepId)}/sessions?${query}`, options);
  };

  /** @type {Promised["bookCourseStepSession"]} */
  bookCourseStepSession = (packageId, stepId, optionId, options) =>
    this.#choose("bookCourseStepSession", "book-session", packageId, stepId, optionId, options);

  /** @type {Promised["changeCourseStepSession"]} */
  changeCourseStepSession = (packageId, stepId, optionId, options) =>
    this.#choose("changeCourseStepSession", "change-session", packageId, stepId, optionId, options);

  /** @type {Promised["bulkBookCourseStepSessions"]} */
  bulkBookCourseStepSessions = (packageId, selections, { mode, ...options } = {}) => {
    const about = { call: "bulkBookCourseStepSessions", packageId, stepId: null };
    const path = `${PACKAGES}/${packageId}/book-sessions`;
    return this.#submit({ ...about, method: "POST", path, body: { selections, mode } }, options);
  };

  /** @type {Promised["cancelCourseStepBooking"]} */
  cancelCourseStepBooking = (packageId, stepId, reason, options) => {
    const about = { call: "cancelCourseStepBooking", packageId, stepId };
    const path = `${step(packageId, stepId)}/booking`;
    return this.#submit({ ...about, method: "DELETE", path, body: { reason } }, options);
  };

  /** @type {Promised["joinCourseStepWaitlist"]} */
  joinCourseStepWaitlist = (packageId, stepId, optionId, options) =>
    this.#choose("joinCourseStepWaitlist", "waitlist", packageId, stepId, optionId, options);

  /** @type {Promised["leaveCourseStepWaitlist"]} */
  leaveCourseStepWaitlist = (packageId, stepId, options) => {
    const about = { call: "leaveCourseStepWaitlist", packageId, stepId };
    const path = `${step(packageId, stepId)}/waitlist`;
    return this.#submit({ ...about, method: "DELETE", path }, options);
  };

  /** @type {Promised["submit"]} */
  submit = (method, path, body, options) =>
    this.#submit({ call: "submit", packageId: null, stepId: null, method, path, body }, options);

  /** @type {Promised["followJob"]} */
  followJob = async (jobId, options = {}) => {
    const about = { call: "followJob", packageId: null, stepId: null };
    const following = this.#following(about, Date.now(), jobId, options);
    return result(await follow(await following.send(poll(jobId)), following));
  };

  /** @type {Promised["withdraw"]} */
  withdraw = async (jobId, options = {}) => {
    const request = { ...poll(jobId), method: "DELETE" };
    const sending = { patienceSeconds: this.#patience, signal: this.#signal(options) };
    return /** @type {Job} */ ((await this.#network.send(request, sending)).body);
  };

  /** @type {Promised["resume"]} */
  resume = (options) =>
    this.#pending.left().map((pending) => {
      const { key, call, packageId, stepId, jobId } = pending;
      const outcome = this.#carryThrough(pending, options);
      outcome.catch(() => {}); // heard by whoever looks at the outcome, if anybody does
      return /** @type {ResumedCall} */ ({ key, call, packageId, stepId, jobId, outcome });
    });

  /** @type {Promised["getPage"]} */
  getPage = (url, options) => this.#read(url, options, "page");

  /**
   * @template Body
   * @param {string} path
   * @param {CallOptions} [options]
   * @param {Request["asks"]} [asks]
   */
  async #read(path, options = {}, asks = "json") {
    const sending = { patienceSeconds: READING_SECONDS, signal: this.#signal(options) };
    const { body } = await this.#network.send({ method: "GET", path, asks }, sending);
    return /** @type {Body} */ (body);
  }

  /**
   * @template {JobResult} Result
   * @param {string} call
   * @param {string} deed
   * @param {number} packageId
   * @param {number} stepId
   * @param {number} courseStepOptionId
   * @param {SessionChoice} [options]
   * @returns {Promise<Result>}
   */
  #choose(call, deed, packageId, stepId, courseStepOptionId, { sessionId, ...options } = {}) {
    const path = `${step(packageId, stepId)}/${deed}`;
    const body = { courseStepOptionId, sessionId };
    return this.#submit({ call, packageId, stepId, method: "POST", path, body }, options);
  }

  /**
   * @template {JobResult} Result
   * @param {Submit} submit
   * @param {CallOptions} [options]
   */
  async #submit(submit, options) {
    const pending = { ...submit, key: newKey(), at: Date.now(), jobId: null };
    return /** @type {Result} */ (await this.#carryThrough(pending, options));
  }

  /**
   * @param {Pending} pending
   * @param {CallOptions} [options]
   */
  async #carryThrough(pending, options = {}) {
    this.#pending.write(pending);
    try {
      const result = await this.#follow(pending, options);
      this.#pending.erase(pending);
      return result;
    } catch (error) {
      if (error instanceof ThriveError && !UNDECIDED.has(error.kind)) this.#pending.erase(pending);
      throw error;
    } finally {
      this.#pending.leave(pending);
    }
  }

  /**
   * @param {Pending} pending
   * @param {CallOptions} options
   */
  async #follow(pending, options) {
    const { jobId, key, method, path, body } = pending;
    const following = this.#following(pending, pending.at, jobId, options);
    const headers = { ...HOLD_SUBMIT, "Idempotency-Key": key };
    const answer = await following.send(jobId ? poll(jobId) : { method, path, body, headers });
    const job = /** @type {Job} */ (answer.body);
    this.#pending.write({ ...pending, jobId: job.id });
    return result(await follow(answer, following));
  }

  /**
   * How a call's requests are sent, and its progress told.
   *
   * @param {CallAbout} about
   * @param {number} at
   * @param {string | null} jobId
   * @param {CallOptions} options
   */
  #following({ call, packageId, stepId }, at, jobId, options) {
    const signal = this.#signal(options);
    const onProgress = options.onProgress ?? this.#options.onProgress;
    /** @type {ThriveProgress} */
    let known = { jobId, status: "SENDING", position: null, estimatedSeconds: null, seconds: 0 };
    /** @param {Partial<ThriveProgress>} news */
    const report = (news) => {
      known = { ...known, ...news, seconds: Math.round((Date.now() - at) / 1000) };
      onProgress?.(known, { call, packageId, stepId });
    };
    report({});
    /** @type {Sending["onTrouble"]} */
    const onTrouble = ({ kind }) => report({ status: kind === "network" ? "OFFLINE" : "BUSY" });
    const sending = { patienceSeconds: this.#patience, signal, onTrouble };
    /** @param {Request} request */
    const send = (request) => this.#network.send(request, sending);
    /** @param {Job} job */
    const onJob = ({ id, status, position, estimatedSeconds }) =>
      report({ jobId: id, status, position, estimatedSeconds });
    return { send, onJob, signal };
  }

  get #patience() {
    return this.#options.patienceSeconds ?? PATIENCE_SECONDS;
  }

  /** @param {CallOptions} options */
  #signal({ signal }) {
    const given = [this.#options.signal, signal].filter((one) => one !== undefined);
    return given.length > 0 ? AbortSignal.any(given) : undefined;
  }
}

/**
 * @param {Job} job a final one
 * @returns {JobResult}
 */
function result(job) {
  if (job.status !== "SUCCEEDED") throw outcomeError(job);
  return /** @type {JobResult} */ (job.result);
}

/** @type {(packageId: number, stepId: number) => string} */
const step = (packageId, stepId) => `${PACKAGES}/${packageId}/steps/${stepId}`;

/** A key that nobody else has; `randomUUID` is missing where a page came without HTTPS. */
function newKey() {
  return crypto.randomUUID?.() ?? crypto.getRandomValues(new Uint32Array(4)).join("-");
}
