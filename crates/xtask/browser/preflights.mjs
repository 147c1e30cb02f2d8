// usage: preflights.mjs UPSIGN
// Compares the preflights of Chromium with those of `upsign preflight`, at a server that records both.
import { execFile } from 'node:child_process';
import http from 'node:http';
import { promisify } from 'node:util';
import { check, withPage } from './chromium.mjs';

const [upsign] = process.argv.slice(2);
const recorded = [];

const store = http.createServer((request, response) => {
  if (request.method === 'OPTIONS') {
    const header = (name) => request.headers[name] ?? null;
    recorded.push({
      url: request.url,
      origin: header('origin'),
      method: header('access-control-request-method'),
      headers: header('access-control-request-headers'),
      network: header('access-control-request-private-network'),
    });
  }
  // A path can state the lists of the answer.
  const stated = new URL(request.url, base).searchParams;
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-allow-methods', stated.get('methods') ?? '*');
  // `*` does not cover Authorization.
  response.setHeader('access-control-allow-headers', stated.get('headers') ?? `*, ${request.headers['access-control-request-headers'] ?? ''}`);
  // Otherwise browsers keep an answer for five seconds.
  response.setHeader('access-control-max-age', '0');
  request.resume().on('end', () => response.end());
});
const page = http.createServer((_, response) => {
  response.setHeader('content-type', 'text/html');
  response.end('<!doctype html><meta charset="utf-8"><title>upload</title>');
});
const listen = (server) => new Promise((listening) => { server.listen(0, '127.0.0.1', listening); });
await Promise.all([listen(store), listen(page)]);
const origin = `http://localhost:${page.address().port}`;
const base = `http://127.0.0.1:${store.address().port}`;

/** Returns a URL that signs these headers. */
const signed = (names, more = '') => `/bucket/a.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256${more}`
  + '&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260101%2Feu-central-1%2Fs3%2Faws4_request&X-Amz-Date=20260101T000000Z'
  + `&X-Amz-Expires=900&X-Amz-SignedHeaders=${names.join('%3B')}&X-Amz-Signature=${'5f'.repeat(32)}`;
const long = (count) => 'a'.repeat(count);

/** Requests of a page, and the options of `upsign preflight` for what the URL does not contain. */
const cases = [
  { name: 'signed headers', path: signed(['content-type', 'host', 'if-none-match', 'x-amz-meta-owner']), method: 'PUT',
    headers: { 'X-Amz-Meta-Owner': 'alice', 'If-None-Match': '*', 'Content-Type': 'image/jpeg' } },
  { name: 'a type of forms', path: signed(['content-type', 'host']), method: 'PUT', headers: { 'content-type': 'text/plain' },
    options: ['--header', 'content-type: text/plain'] },
  { name: 'the type of a file', path: signed(['host']), method: 'PUT', body: 'file' },
  { name: 'no type', path: signed(['host']), method: 'PUT', body: 'bytes', options: ['--header', 'content-type:'] },
  { name: 'a part', path: signed(['host', 'x-amz-checksum-crc32'], '&partNumber=1&uploadId=abc'), method: 'PUT', body: 'part',
    headers: { 'x-amz-checksum-crc32': 'AAAAAA==' } },
  { name: 'a form', path: '/bucket', method: 'POST', body: 'form', plain: true },
  { name: 'a form with progress', path: '/bucket', method: 'POST', body: 'form', progress: true, plain: true },
  { name: 'a file with progress', path: signed(['host']), method: 'PUT', body: 'file', progress: true },
  { name: 'a read', path: signed(['host'], '&x-id=GetObject'), method: 'GET' },
  { name: 'a read with a condition', path: signed(['host', 'if-match'], '&x-id=GetObject'), method: 'GET', headers: { 'if-match': '"a"' } },
  { name: 'a deletion', path: '/bucket/a', method: 'DELETE', plain: true },
  { name: 'a call of an API', path: '/upload-url', method: 'POST', body: 'bytes', plain: true,
    headers: { 'content-type': 'application/json', authorization: 'Bearer a' } },
  ...[
    ['a range', 'range', 'bytes=0-9'], ['the end of a file', 'range', 'bytes=-5'], ['a reversed range', 'range', 'bytes=9-0'],
    ['a short accept', 'accept', long(128)], ['a long accept', 'accept', long(129)], ['an unsafe accept', 'accept', 'a(b'],
    ['a language', 'accept-language', 'de, en;q=0.5'], ['an odd language', 'accept-language', 'en_US'],
    ['a content language', 'content-language', 'de'], ['a cache directive', 'cache-control', 'no-store'],
  ].map(([name, header, value]) => ({ name, path: '/bucket/a', method: 'GET', headers: { [header]: value }, plain: true })),
];

/** Lists of an answer, and whether Chromium sends a PUT with a type after it. */
const answers = [
  { methods: 'PUT', headers: 'content-type', isSent: true }, { methods: 'GET,, PUT ,', headers: 'Content-Type,', isSent: true },
  { methods: 'put', headers: '*', isSent: false }, { methods: 'Put, GET', headers: '*', isSent: false },
  { methods: 'PUT GET', headers: '*', isSent: false }, { methods: 'PUT', headers: 'content-type, x y', isSent: false },
];

/** Sends a request from the page. */
const send = async ({ url, method, headers, body, progress }) => {
  const file = new File(['hello'], 'a.jpg', { type: 'image/jpeg' });
  const form = new FormData();
  form.append('file', file);
  const content = { file, part: file.slice(0, 3), bytes: new Uint8Array(3), form }[body];
  if (!progress) {
    await fetch(url, { method, headers, body: content });
    return;
  }
  await new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = () => {};
    request.onload = done;
    request.onerror = failed;
    request.send(content);
  });
};

/** Runs `upsign preflight`, and returns whether a browser needs the preflight. */
const ask = async ({ path, method, headers = {}, progress, plain, options = [] }) => {
  const stated = plain ? Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]) : options;
  const all = ['preflight', `${base}${path}`, '--origin', origin, '--json', ...stated];
  if (plain) all.push('--method', method);
  if (progress) all.push('--progress');
  const { stdout } = await promisify(execFile)(upsign, all).catch((failed) => failed);
  return JSON.parse(stdout);
};

await withPage(async (tab) => {
  await tab.goto(`${origin}/`);
  for (const it of cases) {
    recorded.length = 0;
    const request = { url: base + it.path, method: it.method, headers: it.headers ?? {}, body: it.body, progress: it.progress };
    await tab.evaluate(send, request);
    const [ofBrowser] = recorded.splice(0);
    const isRequired = (await ask(it)).preflight.requiredBy !== null;
    const [ours] = recorded.splice(0);
    const browser = ofBrowser ? `${ofBrowser.method} with ${ofBrowser.headers}` : 'none';
    check(isRequired === (ofBrowser !== undefined), `${it.name}: the preflight of Chromium is ${browser}`);
    if (ofBrowser && JSON.stringify(ofBrowser) !== JSON.stringify(ours)) {
      throw new Error(`${it.name}: ours is ${JSON.stringify(ours)}, and not ${JSON.stringify(ofBrowser)}`);
    }
  }
  for (const { methods, headers, isSent } of answers) {
    const path = `/bucket/a?${new URLSearchParams({ methods, headers })}`;
    const request = { url: base + path, method: 'PUT', headers: { 'content-type': 'image/jpeg' } };
    const ofBrowser = await tab.evaluate(send, request).then(() => true, () => false);
    const ours = (await ask({ path, method: 'PUT', headers: request.headers, plain: true })).cause === null;
    const description = `after "${methods}" and "${headers}", Chromium ${isSent ? 'sends' : 'does not send'} a PUT`;
    check(ofBrowser === isSent && ours === isSent, description);
  }
});
for (const server of [store, page]) {
  server.close();
  server.closeAllConnections();
}
