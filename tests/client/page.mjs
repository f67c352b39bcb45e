// A page of a browser, as far as thrive.js sees one: a window, and the tab's storage. It runs the
// script that it is given, and tells what happens, a line of JSON each.

const { baseUrl, module, script, stored, token } = JSON.parse(process.argv[2]);

const window = new EventTarget();
Object.assign(globalThis, {
  window,
  addEventListener: window.addEventListener.bind(window),
});

const items = new Map(Object.entries(stored));
const storage = {
  get length() {
    return items.size;
  },
  key: (index) => [...items.keys()][index] ?? null,
  getItem: (name) => items.get(name) ?? null,
  setItem: (name, value) => changed(items.set(name, value)),
  removeItem: (name) => changed(items.delete(name)),
};

function changed() {
  tell({ stored: Object.fromEntries(items) });
}

function tell(what) {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

function told(error) {
  const { alternatives, code, failures, jobId, kind, message, name, status, waitlistOpen } = error;
  const is = Object.keys(api).filter(
    (type) => type.endsWith("Error") && error instanceof api[type],
  );
  return { alternatives, code, failures, is, jobId, kind, message, name, status, waitlistOpen };
}

const api = await import(module);
const thrive = new api.ThriveClient({
  baseUrl,
  token,
  storage,
  onProgress: (progress, about) => tell({ progress, about }),
});
try {
  const run = new Function("api", "thrive", "options", "tell", `return (async () => {${script}})()`);
  tell({ result: (await run(api, thrive, { baseUrl, module, storage, token }, tell)) ?? null });
} catch (error) {
  tell({ error: told(error) });
}
