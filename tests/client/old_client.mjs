// The plan's client (Phase 4.1) and the raw fetch that it replaces (5.3), to the letter, their types
// taken off. Around them is only what they need from their surroundings. Not to be improved.

export function oldClient(apiUrl, getHeaders) {
  return {
    // Add to thriveClient object

    // Get unbooked steps with available session options
    getUnbookedCourseSteps: async (packageId) => {
      const response = await fetch(
        `${apiUrl}/students/me/course-packages/${packageId}/unbooked-steps`,
        {
          method: 'GET',
          headers: getHeaders(),
          credentials: 'include',
        }
      );

      if (!response.ok) {
        throw new Error('Failed to fetch unbooked steps');
      }

      return response.json();
    },

    // Book a single step session
    bookCourseStepSession: async (
      packageId,
      stepId,
      courseStepOptionId
    ) => {
      const response = await fetch(
        `${apiUrl}/students/me/course-packages/${packageId}/steps/${stepId}/book-session`,
        {
          method: 'POST',
          headers: getHeaders(),
          credentials: 'include',
          body: JSON.stringify({ courseStepOptionId }),
        }
      );

      if (!response.ok) {
        const error = await response.json();
        throw new Error(error.message || 'Failed to book session');
      }

      return response.json();
    },

    // Change an existing step session
    changeCourseStepSession: async (
      packageId,
      stepId,
      courseStepOptionId
    ) => {
      const response = await fetch(
        `${apiUrl}/students/me/course-packages/${packageId}/steps/${stepId}/change-session`,
        {
          method: 'POST',
          headers: getHeaders(),
          credentials: 'include',
          body: JSON.stringify({ courseStepOptionId }),
        }
      );

      if (!response.ok) {
        const error = await response.json();
        throw new Error(error.message || 'Failed to change session');
      }

      return response.json();
    },

    // Bulk book sessions (post-purchase wizard)
    bulkBookCourseStepSessions: async (
      packageId,
      selections
    ) => {
      const response = await fetch(
        `${apiUrl}/students/me/course-packages/${packageId}/book-sessions`,
        {
          method: 'POST',
          headers: getHeaders(),
          credentials: 'include',
          body: JSON.stringify({ selections }),
        }
      );

      if (!response.ok) {
        const error = await response.json();
        throw new Error(error.message || 'Failed to book sessions');
      }

      return response.json();
    },

    // Cancel step booking
    cancelCourseStepBooking: async (
      packageId,
      stepId,
      reason
    ) => {
      const response = await fetch(
        `${apiUrl}/students/me/course-packages/${packageId}/steps/${stepId}/booking`,
        {
          method: 'DELETE',
          headers: getHeaders(),
          credentials: 'include',
          body: JSON.stringify({ reason }),
        }
      );

      if (!response.ok) {
        const error = await response.json();
        throw new Error(error.message || 'Failed to cancel booking');
      }
    },
  };
}

export async function rawBookSessions(packageId, selections) {
  const response = await fetch(
    `/api/students/me/course-packages/${packageId}/book-sessions`,
    {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ selections }),
    }
  );
  return response;
}
