// usage: wildcard_origins.mjs API TOKEN_URL PORT
// Uploads from pages of origins that match http://*.preview.localhost:PORT or http://localhost:*, and from others, which Chromium refuses.
import http from 'node:http';
import { check, withPage } from './chromium.mjs';

const [api, tokenUrl, port] = process.argv.slice(2);
const server = http.createServer((request, response) => {
  response.setHeader('content-type', 'text/html');
  response.end('<!doctype html><meta charset="utf-8"><title>upload</title>');
});
await new Promise((listening) => { server.listen(Number(port), '127.0.0.1', listening); });
const token = await (await fetch(tokenUrl)).text();

/** Asks for an upload and sends it. Returns the statuses, or the step that the browser refused. */
const upload = async ({ api, token }) => {
  const request = { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify({ contentType: 'application/pdf', contentLength: 3 }) };
  const answer = await fetch(`${api}/upload-url`, request).catch(() => null);
  if (!answer) return 'the API is out of reach';
  const { uploadUrl, headers } = await answer.json();
  const stored = await fetch(uploadUrl, { method: 'PUT', headers, body: new Uint8Array(3) }).catch(() => null);
  return stored ? `${answer.status} ${stored.status}` : 'the bucket is out of reach';
};

await withPage(async (tab) => {
  for (const [host, expected] of [
    ['pr7.preview.localhost', '200 200'],
    ['a.b.preview.localhost', '200 200'],
    ['localhost', '200 200'],
    ['preview.localhost', 'the API is out of reach'],
    ['evilpreview.localhost', 'the API is out of reach'],
    ['pr7.preview.localhost.evil.localhost', 'the API is out of reach'],
    ['127.0.0.1', 'the API is out of reach'],
  ]) {
    await tab.goto(`http://${host}:${port}/`);
    const found = await tab.evaluate(upload, { api, token });
    check(found === expected, `http://${host}:${port}: ${found}`);
  }
});
server.close();
server.closeAllConnections();
