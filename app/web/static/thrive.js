/**
 * Thrive's client: books course steps and follows each request until it is decided.
 *
 *     import { ThriveClient } from "https://booking.school.example/assets/current/thrive.js";
 *     const thrive = new ThriveClient({ token: () => theStudentsToken });
 *     const { booking } = await thrive.bookCourseStepSession(packageId, stepId, optionId);
 *
 * How another site uses it: docs/client.md. Its types: thrive.d.ts.
 */

export { ThriveClient } from "./thrive/client.js";
export {
  FailedError,
  NetworkError,
  RefusedError,
  RequestError,
  SignInError,
  ThriveError,
  UnavailableError,
  WithdrawnError,
} from "./thrive/errors.js";
export {
  BOOK_STEP,
  STEP_BOOKED,
  dispatchBookStep,
  dispatchCourseStepBooked,
  onBookStep,
  onCourseStepBooked,
} from "./thrive/events.js";
