/** The one client of a page; whoever isn't signed in any more is led there and back. */

import { SignInError, ThriveClient } from "../thrive.js";

const SIGN_IN = "/sign-in";

export const client = new ThriveClient({ baseUrl: location.origin });

/** @param {unknown} error @returns {boolean} whether the page is being left for signing in */
export function isLeaving(error) {
  if (!(error instanceof SignInError)) return false;
  // who is there already would be led on and on
  if (location.pathname === SIGN_IN) return true;
  const next = encodeURIComponent(location.pathname + location.search);
  location.assign(`${SIGN_IN}?why=invalid_token&next=${next}`);
  return true;
}

/** Whether somebody is signed in, as the page was made: only then is what was asked for taken up. */
export function isSignedIn() {
  return document.querySelector("header form.leave") !== null;
}

/** What was asked for isn't taken up by whoever signs in next in this window. */
export function forgetAtSignOut() {
  document.addEventListener("submit", ({ target }) => {
    if (/** @type {Element} */ (target).matches("form.leave")) sessionStorage.clear();
  });
}
