/** Parts of a page that was fetched as text. */

/**
 * @param {string} html of one of our own pages: whatever people wrote in it is escaped
 * @returns {{ main: Element, title: string }}
 */
export function mainOf(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const main = page.querySelector("main");
  if (!main) throw new Error("not one of our pages");
  return { main, title: page.title };
}
