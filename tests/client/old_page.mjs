// A page of the old site, as far as the plan's client sees one: what its `getHeaders` gives, and a
// `fetch` that knows where the page is. Runs a script, and tells what it returns or throws.

const { module, baseUrl, headers, script, thrive } = JSON.parse(process.argv[2]);

const fetchAnywhere = fetch;
globalThis.fetch = (url, options) => fetchAnywhere(new URL(url, baseUrl), options);

const { oldClient, rawBookSessions } = await import(module);
const { ThriveClient } = await import(thrive);
const token = headers.Authorization?.replace("Bearer ", "");
const clients = {
  thriveClient: oldClient(`${baseUrl}/api`, () => headers),
  thriveJs: new ThriveClient({ baseUrl, token }),
  rawBookSessions,
};
try {
  const run = new Function(...Object.keys(clients), `return (async () => {${script}})()`);
  const result = await run(...Object.values(clients));
  process.stdout.write(JSON.stringify({ result: result === undefined ? "undefined" : result }));
} catch ({ name, message }) {
  process.stdout.write(JSON.stringify({ error: { name, message } }));
}
