/** The one client of a page; whoever isn't signed in any more is led there and back. */

import { SignInError, ThriveClient } from "../thrive.js";

export const client = new ThriveClient({ baseUrl: location.origin });

/** @param {unknown} error @returns {boolean} whether the page is being left for signing in */
export function isLeaving(error) {
  if (!(error instanceof SignInError)) return false;
  const next = encodeURIComponent(location.pathname + location.search);
  location.assign(`/sign-in?why=invalid_token&next=${next}`);
  return true;
}
