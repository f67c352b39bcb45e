/** Requests, sent again until they are answered. Nothing else here calls `fetch`. */

/** @import {JobProblem, Token} from "../thrive.js" */
/**
 * @typedef {{ method: string, path: string, headers?: Record<string, string>, body?: unknown,
 *   asks?: "json" | "page" }} Request
 * @typedef {{ status: number, headers: Headers, body: unknown }} Answer
 * @typedef {{ patienceSeconds: number, signal?: AbortSignal | undefined,
 *   onTrouble?: (error: NetworkError | UnavailableError) => void }} Sending
 */

import { NetworkError, RequestError, SignInError, UnavailableError } from "./errors.js";
import { rest } from "./resting.js";

/** Beyond the longest that the server may hold an answer. */
const ANSWER_MS = 45_000;
const LONGEST_PAUSE = 15;
const AGAIN = new Set([408, 429, 502, 503, 504]);
const SIGN_IN = "Please sign in again.";
const ACCEPT = { json: "application/json, application/problem+json", page: "text/html" };

export class Network {
  #base;
  #token;

  /**
   * @param {string} base
   * @param {Token | undefined} token without one the cookies of the same origin sign in
   */
  constructor(base, token) {
    this.#base = new URL(base);
    this.#token = token;
  }

  /**
   * Sends a request until it is answered. Only what may arrive twice belongs here.
   *
   * `onTrouble` hears of each try that came to nothing. Throws what the last try came to once
   * `patienceSeconds` are over, and whatever else is wrong at once.
   *
   * @param {Request} request
   * @param {Sending} sending
   * @returns {Promise<Answer>}
   */
  async send(request, { patienceSeconds, signal, onTrouble }) {
    const until = Date.now() + patienceSeconds * 1000;
    for (let tries = 0; ; tries++) {
      const { answer, trouble, retryAfter } = await this.#try(request, signal);
      if (answer) return answer;
      const pause = retryAfter ?? backOff(tries);
      if (Date.now() + pause * 1000 > until) throw trouble;
      onTrouble?.(trouble);
      await rest(pause, signal, { online: trouble.kind === "network" });
    }
  }

  /**
   * @param {Request} request
   * @param {AbortSignal | undefined} signal
   * @returns {Promise<{ answer: Answer, trouble?: never, retryAfter?: never } |
   *   { answer?: never, trouble: NetworkError | UnavailableError, retryAfter?: number | null }>}
   */
  async #try(request, signal) {
    const url = this.#url(request.path);
    const options = await this.#options(request);
    const timeout = AbortSignal.timeout(ANSWER_MS);
    let response, text;
    try {
      response = await fetch(url, {
        ...options,
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      text = await response.text();
    } catch (cause) {
      signal?.throwIfAborted();
      return { trouble: lost(cause) };
    }
    return judge(request, response, text);
  }

  /** @param {string} path */
  #url(path) {
    const url = new URL(path, this.#base);
    // the token is for this server alone
    if (url.origin !== this.#base.origin) throw new TypeError(`${url.origin} is another site`);
    return url;
  }

  /**
   * @param {Request} request
   * @returns {Promise<RequestInit>}
   */
  async #options({ method, headers, body, asks = "json" }) {
    const token = typeof this.#token === "function" ? await this.#token() : this.#token;
    return {
      method,
      headers: {
        Accept: ACCEPT[asks],
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      credentials: token === undefined ? "same-origin" : "omit",
      body: body === undefined ? null : JSON.stringify(body),
    };
  }
}

/**
 * @param {Request} request
 * @param {Response} response
 * @param {string} text
 */
function judge({ asks = "json" }, response, text) {
  const { status, headers } = response;
  if (leadsToSignIn(response)) throw new SignInError("not_signed_in", SIGN_IN, { status });
  const body = asks === "page" && response.ok ? text : parsed(headers, text);
  if (status === 304 || (response.ok && body !== undefined)) {
    return { answer: { status, headers, body } };
  }
  const problem = /** @type {JobProblem | null} */ (body ?? null);
  if (AGAIN.has(status)) return later(status, problem, headers);
  // some other page in place of the answer: a hotel's sign-in, say
  if (response.ok) return { trouble: lost(new TypeError("the answer isn't JSON")) };
  const about = { status, problem };
  if (status === 401) throw new SignInError("not_signed_in", SIGN_IN, about);
  throw new RequestError(`http_${status}`, "The server didn't take this.", about);
}

/**
 * Pages lead who isn't signed in to the one where they can.
 *
 * @param {Response} response
 */
function leadsToSignIn({ redirected, url }) {
  return redirected && new URL(url).pathname === "/sign-in";
}

/**
 * @param {Headers} headers
 * @param {string} text
 * @returns {unknown} undefined where it isn't JSON
 */
function parsed(headers, text) {
  if (!/[/+]json\b/.test(headers.get("Content-Type") ?? "")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * @param {number} status
 * @param {JobProblem | null} problem
 * @param {Headers} headers
 */
function later(status, problem, headers) {
  const trouble = new UnavailableError("unavailable", "Please try again soon.", { status, problem });
  return { trouble, retryAfter: retryAfterSeconds(headers) };
}

/** @param {unknown} cause */
function lost(cause) {
  return new NetworkError("network", "There is no connection. Please try again.", { cause });
}

/**
 * @param {Headers} headers
 * @returns {number | null} seconds, also where a date is given
 */
export function retryAfterSeconds(headers) {
  const given = headers.get("Retry-After");
  if (given === null) return null;
  const seconds = /^\d+$/.test(given) ? Number(given) : (Date.parse(given) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? null : Math.max(seconds, 0);
}

/**
 * @param {number} tries
 * @returns {number} seconds, doubling, and not the same for all who lost the server at once
 */
function backOff(tries) {
  return Math.min(0.5 * 2 ** tries, LONGEST_PAUSE) * (0.5 + Math.random() / 2);
}
