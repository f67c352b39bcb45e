// What a site that uses thrive.js may write (docs/client.md): it only has to compile.

import {
  NetworkError,
  RefusedError,
  SignInError,
  ThriveClient,
  ThriveError,
  dispatchCourseStepBooked,
  onBookStep,
  onCourseStepBooked,
  type BulkCourseStepBookingResponse,
  type CourseStepBookingResponse,
  type CourseStepSessionOption,
  type StepSelection,
  type ThriveProgress,
  type UnbookedCourseStep,
} from "../../app/web/static/thrive.js";

const thrive = new ThriveClient({
  baseUrl: "https://booking.school.example",
  token: async () => "the student's",
  onProgress: ({ position, seconds, status }: ThriveProgress) => show(status, position, seconds),
});

function show(...what: (string | number | null)[]): void {
  document.title = what.join(" ");
}

export async function bookFirst(packageId: number): Promise<CourseStepBookingResponse | null> {
  const steps: UnbookedCourseStep[] = await thrive.getUnbookedCourseSteps(packageId);
  const step = steps[0];
  const option: CourseStepSessionOption | undefined = step?.options[0];
  if (step === undefined || option === undefined) return null;
  return book(packageId, step.stepId, option);
}

async function book(
  packageId: number,
  stepId: number,
  { courseStepOptionId, sessionId }: CourseStepSessionOption,
): Promise<CourseStepBookingResponse | null> {
  try {
    const made = await thrive.bookCourseStepSession(packageId, stepId, courseStepOptionId, {
      sessionId,
    });
    const type: "COURSE_STEP" = made.booking.bookingType;
    const status: "BOOKED" = made.progress.status;
    const bookingId: number = made.progress.bookingId;
    show(type, status);
    dispatchCourseStepBooked({ packageId, stepId, success: true, bookingId });
    return made;
  } catch (error) {
    explain(error);
    return null;
  }
}

function explain(error: unknown): void {
  if (error instanceof RefusedError) show(error.code, error.alternatives.length, error.message);
  else if (error instanceof SignInError) location.assign("/login");
  else if (error instanceof NetworkError) show(error.kind satisfies "network");
  else if (error instanceof ThriveError) show(error.message, error.problem?.detail ?? "");
  else throw error;
}

export async function wizard(
  packageId: number,
  selections: StepSelection[],
): Promise<BulkCourseStepBookingResponse["failures"]> {
  const { failures } = await thrive.bulkBookCourseStepSessions(packageId, selections, {
    mode: "BEST_EFFORT",
  });
  return failures;
}

// the plan's cancel promises nothing
export const cancel: (packageId: number, stepId: number, reason?: string) => Promise<void> = async (
  ...of
) => void (await thrive.cancelCourseStepBooking(...of));

for (const resumed of thrive.resume()) {
  if (resumed.call === "bookCourseStepSession") {
    resumed.outcome.then(({ booking }) => show(booking.id), explain);
  }
}

onBookStep(({ packageId, stepId, stepTitle, isModifying }) =>
  show(packageId, stepId, stepTitle, String(isModifying)),
);
onCourseStepBooked(({ packageId }) => void thrive.getCoursePackages().then(() => show(packageId)));
window.addEventListener("thrive-course:stepBooked", ({ detail }) => show(detail.stepId));

// @ts-expect-error an option is a number
thrive.bookCourseStepSession(1, 2, "3");
// @ts-expect-error the plan's detail has no more
dispatchCourseStepBooked({ packageId: 1, stepId: 2, success: true, seat: 3 });
