// As much of a browser's page as the pages' own scripts need, without its markup: what they were told
// to show, and where they led. Runs the script that it is given, and tells what it returns.

const [home, path, script] = process.argv.slice(2);
const led = [];
const news = { textContent: "" };
const live = { innerHTML: "given", ...shown("given"), querySelector: () => null };
const pages = [];

function shown(html) {
  return {
    innerHTML: html,
    childNodes: [html],
    contains: () => false,
    hasAttribute: () => true,
    toggleAttribute: () => {},
    replaceChildren: (...nodes) => (live.innerHTML = nodes.join("")),
  };
}

const window = new EventTarget();
Object.assign(globalThis, {
  window,
  addEventListener: window.addEventListener.bind(window),
  setInterval: () => {},
  location: {
    origin: "http://booking.example",
    pathname: path,
    search: "",
    assign: (url) => led.push(url),
  },
  document: {
    body: { dataset: { words: JSON.stringify({ done_book: "booked", wrong_refused: "not all" }) } },
    addEventListener: () => {},
    getElementById: () => news,
    querySelector: (what) => (what === "main[data-live]" && path === "/" ? live : null),
    querySelectorAll: () => [],
  },
  DOMParser: class {
    parseFromString = (html) => ({ title: "", querySelector: () => shown(html) });
  },
  // each page is answered when the script says so, in an order of its own
  fetch: () =>
    new Promise((resolve) => {
      pages.push((html) => resolve(new Response(html, { headers: { "Content-Type": "text/html" } })));
    }),
});

const load = (name) => import(`${home}/${name}`);
const run = new Function("load", "led", "news", "live", "pages", `return (async () => {${script}})()`);
process.stdout.write(JSON.stringify(await run(load, led, news, live, pages)));
process.exit(0);
