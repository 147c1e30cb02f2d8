// usage: types.mjs TYPES HEADERS PHOTO
// Serves files that try to run a script with every content type that a range of a policy can grant, and opens them as a page, in a
// frame, as an object and as an embedded file. A script that runs fails the test. TYPES is JSON: {"inline": [...], "saved": [...]};
// HEADERS is JSON with the response headers that the generated CloudFront stacks add.
import fs from 'node:fs';
import http from 'node:http';
import { check, withPage } from './chromium.mjs';

const types = JSON.parse(process.argv[2]);
const headers = JSON.parse(process.argv[3]);
const photo = fs.readFileSync(process.argv[4]);

/** Files that report to `url` if a browser runs them. */
const FILES = {
  html: (url) => `<!doctype html><html><body><script>fetch('${url}', {mode: 'no-cors'})</script><img src=x onerror="fetch('${url}')"></body></html>`,
  spaced: (url) => `\n\t  <SCRIPT>fetch('${url}')</SCRIPT>${' '.repeat(600)}`,
  comment: (url) => `<!-- c --><iframe srcdoc="<script>parent.fetch('${url}')</script>"></iframe><b onfocus="fetch('${url}')" autofocus tabindex=1>`,
  svg: (url) => `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="fetch('${url}')"><script>fetch('${url}')</script></svg>`,
  xhtml: (url) => `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script>fetch('${url}')</script></html>`,
  gif: (url) => `GIF89a/*<html><script>fetch('${url}')</script></html>*/=1;`,
  parts: (url) => `--b\r\nContent-Type: text/html\r\n\r\n<script>fetch('${url}')</script>\r\n--b--\r\n`,
  mhtml: (url) => `From: x\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"; type="text/html"\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<script>fetch('${url}')</script>\r\n--b--\r\n`,
};

const cases = [];
const ran = new Set();

const server = http.createServer((request, response) => {
  const [, action, index] = request.url.split('/');
  if (action === 'ran') {
    ran.add(Number(index));
    response.end();
  } else if (action === 'file' && cases[Number(index)]) {
    const { type, body, more } = cases[Number(index)];
    response.writeHead(200, { 'Content-Type': type, ...more });
    response.end(body);
  } else if (action === 'frames') {
    const [from, to] = index.split('-').map(Number);
    const numbers = Array.from({ length: to - from }, (_, offset) => from + offset);
    response.writeHead(200, { 'Content-Type': 'text/html' });
    const plugins = (n) => (['html', 'svg'].includes(cases[n].name) ? `<object data="/file/${n}"></object><embed src="/file/${n}">` : '');
    response.end(numbers.map((n) => `<iframe src="/file/${n}"></iframe>${plugins(n)}`).join('\n'));
  } else {
    response.writeHead(action === 'empty' ? 200 : 404, { 'Content-Type': 'text/html' });
    response.end();
  }
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const base = `http://127.0.0.1:${server.address().port}`;

/** Adds one case for each of these files. Returns the numbers of the cases. */
function add(type, more = {}, names = Object.keys(FILES)) {
  return names.map((name) => {
    const number = cases.length;
    cases.push({ name, type, more, body: FILES[name](`${base}/ran/${number}`) });
    return number;
  });
}

const attachment = { 'Content-Disposition': 'attachment' };
const executed = ['text/html', 'image/svg+xml', 'application/xhtml+xml', 'application/unknown', 'unknown/unknown'];
const controls = executed.map((type) => [type, add(type)]);
const inline = types.inline.flatMap((type) => add(type));
const named = types.inline.flatMap((type) => add(type, { 'Content-Disposition': 'inline; filename="a.html"' }, ['html']));
const saved = types.saved.flatMap((type) => add(type, attachment));
const protectedTypes = executed.flatMap((type) => add(type, headers));

async function open(page, number) {
  // A navigation that becomes a download, or that is not committed, is an error for Playwright, and is what the test wants.
  await page.goto(`${base}/file/${number}`, { timeout: 5_000, waitUntil: 'load' }).catch(() => {});
}

async function openAll(page, numbers) {
  const others = [page, ...(await Promise.all([0, 1].map(() => page.context().newPage())))];
  await Promise.all(others.map(async (other, first) => {
    for (let at = first; at < numbers.length; at += others.length) await open(other, numbers[at]);
    if (other !== page) await other.close();
  }));
  for (let from = 0; from < numbers.length; from += 40) {
    const slice = numbers.slice(from, from + 40);
    await page.goto(`${base}/frames/${slice[0]}-${slice.at(-1) + 1}`, { timeout: 30_000, waitUntil: 'load' }).catch(() => {});
    await page.waitForTimeout(200);
  }
  await page.goto(`${base}/empty`);
}

function report(numbers, description) {
  const executing = numbers.filter((number) => ran.has(number)).map((number) => `${cases[number].type} (${cases[number].name})`);
  check(executing.length === 0, `${description}: ${numbers.length} files, ${executing.length ? executing.join(', ') : 'no script ran'}`);
}

await withPage(async (page) => {
  for (const [type, numbers] of controls) {
    await openAll(page, numbers);
    check(numbers.some((number) => ran.has(number)), `the test notices a script in ${type}`);
  }
  await openAll(page, inline);
  report(inline, `${types.inline.length} types that a range grants`);
  await openAll(page, named);
  report(named, `${types.inline.length} types that a range grants, inline with the name of a page`);
  await openAll(page, saved);
  report(saved, `${types.saved.length} types that become attachments`);
  await openAll(page, protectedTypes);
  report(protectedTypes, `${executed.length} types that browsers execute, with the headers of the CloudFront stacks`);

  const number = cases.length;
  cases.push({ name: 'photo', type: 'image/jpeg', more: headers, body: photo });
  await page.goto(`${base}/file/${number}`);
  const width = await page.evaluate(() => document.images[0]?.naturalWidth ?? 0);
  check(width > 0, `the headers of the CloudFront stacks still let a browser show a photo, ${width} pixels wide`);
}, { acceptDownloads: false });
server.close();
