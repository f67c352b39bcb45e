/** What thrive.js offers, in the plan's words; the shapes on the wire come from thrive-api.d.ts. */

import type { components } from "./thrive-api.js";

type Schemas = components["schemas"];

export type Booking = Schemas["Booking"];
export type BookingResponse = Booking;
export type BookingStatus = Booking["status"];
export type BookingType = Booking["bookingType"];
export type BookStepSessionRequest = Schemas["BookStepSessionRequest"];
export type BulkBookSessionsRequest = Schemas["BulkBookSessionsRequest"];
export type CancelStepBookingRequest = Schemas["CancelStepBookingRequest"];
export type ChangeStepSessionRequest = Schemas["ChangeStepSessionRequest"];
export type CourseStepSessionOption = Schemas["CourseStepSessionOption"];
export type Enrolment = Schemas["Enrolment"];
export type Job = Schemas["Job"];
export type JobProblem = Schemas["JobProblem"];
export type JobResult = NonNullable<Job["result"]>;
export type JoinWaitlistResponse = Schemas["JoinWaitlistResponse"];
export type LeaveWaitlistResponse = Schemas["LeaveWaitlistResponse"];
export type Progress = Schemas["Progress"];
export type StepFailure = Schemas["StepFailure"];
export type StepSelection = Schemas["StepSelection"];
export type UnbookedCourseStep = Schemas["UnbookedCourseStep"];

/** What booking or changing a step results in. */
export interface CourseStepBookingResponse {
  booking: Booking & { bookingType: "COURSE_STEP" };
  progress: Progress & { status: "BOOKED"; bookingId: number; bookedAt: string };
}

/** What cancelling a step's booking results in. */
export interface CancelStepBookingResponse {
  success: boolean;
  booking: Booking;
  progress: Progress | null;
}

/** What a bulk booking results in; `autoBooked` and `manualSelections` are step ids. */
export interface BulkCourseStepBookingResponse {
  bookings: CourseStepBookingResponse[];
  autoBooked: number[];
  manualSelections: number[];
  failures: StepFailure[];
}

/** A bearer token, or what gives the present one; it is asked for before each request. */
export type Token = string | (() => string | Promise<string>);

/** Where submits are kept while they aren't decided; the tab's `sessionStorage` is one. */
export type PendingStorage = Pick<
  Storage,
  "getItem" | "key" | "length" | "removeItem" | "setItem"
>;

/** How a call stands. */
export interface ThriveProgress {
  /** null until the server has accepted the request */
  jobId: string | null;
  /** besides the job's own: on its way, without a connection, asked to come back later */
  status: Job["status"] | "SENDING" | "OFFLINE" | "BUSY";
  /** requests ahead of it */
  position: number | null;
  /** until the decision, as far as can be said */
  estimatedSeconds: number | null;
  /** since the call */
  seconds: number;
}

/** Which call it is that makes progress. */
export interface CallAbout {
  call: string;
  packageId: number | null;
  stepId: number | null;
}

export interface CallOptions {
  onProgress?: ((progress: ThriveProgress, about: CallAbout) => void) | undefined;
  /** ends the following, not the request: that takes `withdraw` */
  signal?: AbortSignal | undefined;
}

export interface SessionChoice extends CallOptions {
  /** one session of the option's; else the one that the option means */
  sessionId?: number | undefined;
}

export interface BulkBookingOptions extends CallOptions {
  mode?: "ALL_OR_NOTHING" | "BEST_EFFORT" | undefined;
}

export interface SessionListOptions extends CallOptions {
  /** instants, RFC 3339 */
  from?: string | undefined;
  to?: string | undefined;
  limit?: number | undefined;
}

export interface ThriveClientOptions extends CallOptions {
  /** where the server is; where thrive.js came from unless given */
  baseUrl?: string | undefined;
  token?: Token | undefined;
  /** how long to try without an answer; 600 */
  patienceSeconds?: number | undefined;
  storage?: PendingStorage | undefined;
}

interface Outcomes {
  bookCourseStepSession: CourseStepBookingResponse;
  changeCourseStepSession: CourseStepBookingResponse;
  bulkBookCourseStepSessions: BulkCourseStepBookingResponse;
  cancelCourseStepBooking: CancelStepBookingResponse;
  joinCourseStepWaitlist: JoinWaitlistResponse;
  leaveCourseStepWaitlist: LeaveWaitlistResponse;
  submit: JobResult;
}

/** A call from before a reload, told apart by `call`. */
export type ResumedCall = {
  [Call in keyof Outcomes]: {
    key: string;
    call: Call;
    packageId: number | null;
    stepId: number | null;
    jobId: string | null;
    outcome: Promise<Outcomes[Call]>;
  };
}[keyof Outcomes];

/**
 * Every call that books resolves to what came of it or rejects with a ThriveError, however long
 * that takes and however often the network is lost; with an aborted signal, with its reason.
 */
export class ThriveClient {
  constructor(options?: ThriveClientOptions);

  getCoursePackages(options?: CallOptions): Promise<Enrolment[]>;
  getUnbookedCourseSteps(packageId: number, options?: CallOptions): Promise<UnbookedCourseStep[]>;
  getCourseStepSessions(
    packageId: number,
    stepId: number,
    options?: SessionListOptions,
  ): Promise<CourseStepSessionOption[]>;

  bookCourseStepSession(
    packageId: number,
    stepId: number,
    courseStepOptionId: number,
    options?: SessionChoice,
  ): Promise<CourseStepBookingResponse>;
  changeCourseStepSession(
    packageId: number,
    stepId: number,
    courseStepOptionId: number,
    options?: SessionChoice,
  ): Promise<CourseStepBookingResponse>;
  bulkBookCourseStepSessions(
    packageId: number,
    selections: StepSelection[],
    options?: BulkBookingOptions,
  ): Promise<BulkCourseStepBookingResponse>;
  cancelCourseStepBooking(
    packageId: number,
    stepId: number,
    reason?: string,
    options?: CallOptions,
  ): Promise<CancelStepBookingResponse>;
  joinCourseStepWaitlist(
    packageId: number,
    stepId: number,
    courseStepOptionId: number,
    options?: SessionChoice,
  ): Promise<JoinWaitlistResponse>;
  leaveCourseStepWaitlist(
    packageId: number,
    stepId: number,
    options?: CallOptions,
  ): Promise<LeaveWaitlistResponse>;

  /** any other call that is accepted as a job: those of staff */
  submit(
    method: "POST" | "DELETE",
    path: string,
    body?: unknown,
    options?: CallOptions,
  ): Promise<JobResult>;
  /** the result of a job that somebody else submitted */
  followJob(jobId: string, options?: CallOptions): Promise<JobResult>;
  /** takes back a job that is still queued */
  withdraw(jobId: string, options?: CallOptions): Promise<Job>;
  /** sends again and follows on what a reload interrupted */
  resume(options?: CallOptions): ResumedCall[];
  /** a server-rendered page as text */
  getPage(url: string, options?: CallOptions): Promise<string>;
}

export interface ErrorAbout {
  status?: number | null;
  problem?: JobProblem | null;
  jobId?: string | null;
  cause?: unknown;
}

export class ThriveError extends Error {
  constructor(code: string, message: string, about?: ErrorAbout);
  readonly kind:
    | "refused"
    | "failed"
    | "withdrawn"
    | "signIn"
    | "rejected"
    | "unavailable"
    | "network";
  /** the problem's, or one of ours: network, unavailable, withdrawn, http_418 */
  readonly code: string;
  /** of the HTTP answer; null for what came of a job, and without an answer */
  readonly status: number | null;
  readonly problem: JobProblem | null;
  readonly jobId: string | null;
}

export class RefusedError extends ThriveError {
  readonly kind: "refused";
  get alternatives(): CourseStepSessionOption[];
  get waitlistOpen(): boolean;
  get failures(): StepFailure[];
}
export class FailedError extends ThriveError {
  readonly kind: "failed";
}
export class WithdrawnError extends ThriveError {
  readonly kind: "withdrawn";
}
export class SignInError extends ThriveError {
  readonly kind: "signIn";
}
export class RequestError extends ThriveError {
  readonly kind: "rejected";
}
export class UnavailableError extends ThriveError {
  readonly kind: "unavailable";
}
export class NetworkError extends ThriveError {
  readonly kind: "network";
}

export interface CourseStepBookedEventDetail {
  packageId: number;
  stepId: number;
  success: boolean;
  bookingId?: number | undefined;
}

export interface CourseBookStepEventDetail {
  packageId: number;
  stepId: number;
  stepLabel: string;
  stepTitle: string;
  isModifying: boolean;
}

export const STEP_BOOKED: "thrive-course:stepBooked";
export const BOOK_STEP: "thrive-course:bookStep";
export function dispatchCourseStepBooked(detail: CourseStepBookedEventDetail): void;
export function dispatchBookStep(detail: CourseBookStepEventDetail): void;
/** Returns what ends the listening. */
export function onCourseStepBooked(
  listener: (detail: CourseStepBookedEventDetail) => void,
): () => void;
/** Returns what ends the listening. */
export function onBookStep(listener: (detail: CourseBookStepEventDetail) => void): () => void;

declare global {
  interface WindowEventMap {
    "thrive-course:stepBooked": CustomEvent<CourseStepBookedEventDetail>;
    "thrive-course:bookStep": CustomEvent<CourseBookStepEventDetail>;
  }
}
