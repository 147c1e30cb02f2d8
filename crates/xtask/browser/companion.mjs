// usage: companion.mjs API PORT STORE BUCKET MANUAL: uploads with the real Uppy 5 or 4, whose packages are in CLIENT
// With the endpoints of Companion's API: one request and parts, progress, pause, resume after a reload, URLs that expire, an upload
// that is cancelled, refusals as Uppy shows them, and the example of the manual as printed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import { bundle } from './bundle.mjs';
import { check, network, withPage } from './chromium.mjs';
import { accessToken } from './foreign_library.mjs';

const [api, port, store, bucket, manual] = process.argv.slice(2);
const { PACKAGES: packages } = process.env;
const token = await accessToken('ACCESS_TOKEN', 'alice');
const isLatest = packages === 'uppy-5';
const origin = `http://127.0.0.1:${port}`;
const MIB = 1 << 20;

/** What the application's own script has: Uppy in a form that is easy to drive. */
const APP = `
import Uppy from '@uppy/core';
import AwsS3 from '@uppy/aws-s3';
${isLatest ? `import Dashboard from '@uppy/dashboard';
import GoldenRetriever from '@uppy/golden-retriever';` : 'const [Dashboard, GoldenRetriever] = [null, null];'}
/** Returns the bytes of a file: the same for the same size and seed. */
window.bytesOf = (size, seed) => Uint8Array.from({ length: size }, (_, place) => (place * 131 + seed) ^ (place >> 9));
window.start = ({ token, dashboard, restore, s3 = {}, meta = {} }) => {
  const uppy = new Uppy({ id: 'companion', meta });
  if (dashboard) uppy.use(Dashboard, { inline: true, target: 'body' });
  if (restore) uppy.use(GoldenRetriever, { indexedDB: { maxFileSize: 100 << 20 } });
  const headers = token ? { Authorization: 'Bearer ' + token } : {};
  uppy.use(AwsS3, { endpoint: '${api}', headers, allowedMetaFields: ['title', 'upsignRoute'], shouldUseMultipart: (file) => file.size > ${5 * MIB}, ...s3 });
  window.seen = { progress: [], parts: [], success: [], errors: [], info: [] };
  uppy.on('upload-progress', (_, { bytesUploaded, bytesTotal }) => seen.progress.push([bytesUploaded, bytesTotal]));
  uppy.on('s3-multipart:part-uploaded', (_, part) => seen.parts.push(part.PartNumber));
  uppy.on('upload-success', (file, { body, uploadURL }) => seen.success.push({ key: body.key, uploadURL }));
  uppy.on('upload-error', (_, error) => seen.errors.push({ message: error.message, source: error.source?.status }));
  uppy.on('info-visible', () => seen.info.push(...uppy.getState().info.map(({ message }) => message)));
  window.uppy = uppy;
};
window.add = ({ size, seed = 1, name = 'file.bin', type = 'application/octet-stream' }) => (
  uppy.addFile({ name, type, data: new Blob([bytesOf(size, seed)], { type }) }));
window.ready = true;
`;

const sha256 = (size, seed = 1) => createHash('sha256').update(Uint8Array.from({ length: size }, (_, place) => (place * 131 + seed) ^ (place >> 9))).digest('hex');

function stored() {
  const { status, stdout, stderr } = spawnSync(process.env.PYTHON, [process.env.STORED, store, bucket], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

const app = await bundle(APP);
const head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>app</title>';
const pages = { '/': `${head}<style>${app.style}</style><body><script type="module" src="/app.js"></script>`, '/app.js': app.script };
const server = http.createServer((request, response) => {
  const { pathname } = new URL(request.url, origin);
  const type = pathname.endsWith('.js') ? 'text/javascript' : 'text/html';
  response.writeHead(pathname in pages ? 200 : 404, { 'Content-Type': type }).end(pages[pathname] ?? '');
});
await new Promise((resolve) => { server.listen(Number(port), '127.0.0.1', resolve); });

/** Opens the application with these options of `start`. */
async function open(page, options = {}) {
  await page.goto(origin);
  await page.waitForFunction(() => window.ready);
  await page.evaluate((all) => start(all), { token, ...options });
}

/** Uploads a file, and returns what Uppy reported. */
async function upload(page, file) {
  await page.evaluate(async (description) => { add(description); await uppy.upload(); }, file);
  return page.evaluate(() => seen);
}

const part = (number) => (url) => url.searchParams.get('partNumber') === String(number) && url.searchParams.has('X-Amz-Signature');

async function single(page) {
  await open(page, { meta: { title: 'Zażółć' } });
  const { success, errors, progress } = await upload(page, { size: 300_000, name: 'kąt 1.jpg', type: 'image/jpeg' });
  check(errors.length === 0 && success.length === 1, `one request stores a file: ${JSON.stringify(errors)}`);
  check(progress.at(-1)[0] === progress.at(-1)[1], `with progress to ${progress.at(-1)}`);
  const object = stored().objects[success[0].key];
  check(object?.sha256 === sha256(300_000), `its bytes are stored: ${success[0].key}`);
  check(object.type === 'image/jpeg', 'with its type');
  check(/^(Zażółć|=\?utf-8\?b\?WmHFvMOzxYLEhw==\?=)$/i.test(object.metadata.title), `and with the metadata that the route permits: ${JSON.stringify(object.metadata)}`);
  check(Object.keys(object.metadata).length === 1, 'without what Uppy says about every file');
}

async function several(page, net) {
  await open(page);
  const size = 12 * MIB;
  const { success, errors, progress, parts } = await upload(page, { size });
  check(errors.length === 0 && success.length === 1, `a larger file is stored in parts: ${JSON.stringify(errors)}`);
  check(parts.sort().join() === '1,2,3', `of which there are ${parts.length}`);
  check(progress.length > 2 && progress.at(-1)[0] === size, `with progress in ${progress.length} steps`);
  check(stored().objects[success[0].key]?.sha256 === sha256(size), `its bytes are stored: ${success[0].key}`);
  check(success[0].uploadURL.endsWith(success[0].key) && !success[0].uploadURL.includes('?'), `uploadURL is the address of the object: ${success[0].uploadURL}`);
  const calls = net.all().filter(({ url, method }) => url.startsWith(api) && method !== 'OPTIONS').map(({ method, url }) => `${method} ${new URL(url).pathname.replace(/[\w-]{60,}/, 'TOKEN')}`);
  check(['POST /s3/multipart', 'GET /s3/multipart/TOKEN/1', 'POST /s3/multipart/TOKEN/complete'].every((call) => calls.includes(call)), `the calls are those of Companion's API: ${calls.join(', ')}`);
  const longest = net.all().reduce((most, { url }) => (url.startsWith(api) ? Math.max(most, url.length) : most), 0);
  check(longest < 2048, `the longest URL of the API has ${longest} characters`);
}

/** A route that permits a `PUT` of any size. */
async function withoutForm(page, net) {
  await open(page, { meta: { upsignRoute: 'put' } });
  const { success, errors } = await upload(page, { size: 200_000, seed: 7 });
  check(success.length === 1 && success[0].key.startsWith('put/'), `a PUT stores a file on a route without forms: ${JSON.stringify(errors)}`);
  check(net.all().some(({ method, url }) => method === 'PUT' && url.includes(success[0].key)), 'with the key in the address');
  check(stored().objects[success[0].key]?.sha256 === sha256(200_000, 7), 'and its bytes');
  await page.evaluate((description) => { seen.success = []; add(description); return uppy.upload(); }, { size: 6 * MIB, seed: 8, name: 'parts.bin' });
  const { errors: refused } = await page.evaluate(() => seen);
  check(/multipart/.test(refused[0]?.message), `parts are refused with the missing setting: ${refused[0]?.message}`);
}

/** Holds the requests that match until `release` is called. */
async function hold(page, matches, count = Infinity) {
  const held = [];
  let release;
  const released = new Promise((resolve) => { release = resolve; });
  let left = count;
  await page.route((url) => matches(url), async (route) => {
    if (route.request().method() !== 'PUT' || left <= 0) { await route.continue(); return; }
    left -= 1;
    held.push(route.request().url());
    await released;
    await route.continue().catch(() => {});
  });
  return { held, release };
}

async function pauses(page, net) {
  await open(page, { s3: { limit: 1 } });
  const before = net.all().length;
  const { held, release } = await hold(page, part(2), 1);
  const size = 11 * MIB;
  await page.evaluate((description) => { window.id = add(description); window.done = uppy.upload(); }, { size, seed: 2 });
  await page.waitForFunction(() => seen.parts.includes(1));
  while (held.length === 0) await page.waitForTimeout(50);
  check(await page.evaluate(() => uppy.pauseResume(id)), 'the upload is paused in its second part');
  await page.waitForTimeout(500);
  release();
  check(await page.evaluate(() => seen.success.length) === 0, 'and stays so');
  await page.evaluate(() => { uppy.pauseResume(id); });
  await page.waitForFunction(() => seen.success.length + seen.errors.length > 0);
  const { success, errors } = await page.evaluate(() => seen);
  check(success.length === 1 && stored().objects[success[0].key]?.sha256 === sha256(size, 2), `after it continues, the bytes are stored: ${JSON.stringify(errors)}`);
  const puts = net.all().slice(before).filter(({ method, url }) => method === 'PUT' && part(1)(new URL(url)));
  check(puts.length === 1, 'the first part was sent once');
  await page.unrouteAll({ behavior: 'ignoreErrors' });
}

async function reload(page, net) {
  await open(page, { restore: true, s3: { limit: 1 } });
  const { held } = await hold(page, part(2), 1);
  const size = 11 * MIB;
  await page.evaluate((description) => { add(description); uppy.upload(); }, { size, seed: 3 });
  while (held.length === 0) await page.waitForTimeout(50);
  // Golden Retriever writes its state at most once in half a second.
  await page.waitForTimeout(1500);
  const before = net.all().length;
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await open(page, { restore: true, s3: { limit: 1 } });
  await page.waitForFunction(() => uppy.getState().recoveredState !== null && uppy.getFiles().length === 1, null, { timeout: 10_000 });
  await page.evaluate(() => { uppy.emit('restore-confirmed'); });
  await page.waitForFunction(() => seen.success.length + seen.errors.length > 0);
  const { success, errors } = await page.evaluate(() => seen);
  check(success.length === 1 && stored().objects[success[0].key]?.sha256 === sha256(size, 3), `after a reload in the second part, the upload continues: ${JSON.stringify(errors)}`);
  const puts = net.all().slice(before).filter(({ method, url }) => method === 'PUT' && part(1)(new URL(url)));
  check(puts.length === 0, 'the first part was not sent again');
}

async function expires(page, net) {
  await open(page, { s3: { limit: 1 }, meta: { upsignRoute: 'short' } });
  // The first URL reaches the page after it has expired.
  let delayed = 0;
  await page.route((url) => url.href.startsWith(api) && /\/s3\/multipart\/[\w-]+\/1$/.test(url.pathname), async (route) => {
    const response = await route.fetch();
    if (delayed === 0) await new Promise((resolve) => { setTimeout(resolve, 4500); });
    delayed += 1;
    await route.fulfill({ response }).catch(() => {});
  });
  const before = net.all().length;
  const size = 6 * MIB;
  const { success, errors } = await upload(page, { size, seed: 4 });
  const statuses = net.all().slice(before).filter(({ method, url }) => method === 'PUT' && part(1)(new URL(url))).map(({ status }) => status);
  check(success.length === 1 && stored().objects[success[0].key]?.sha256 === sha256(size, 4), `with another URL in place of an expired one, the upload succeeds: ${JSON.stringify(errors)}`);
  check(statuses.length > 1 && statuses[0] !== 200 && statuses.at(-1) === 200, `the answers to the first part were ${statuses}`);
  check(success[0].key.startsWith('short/'), 'on the route that upsignRoute names');
  await page.unrouteAll({ behavior: 'ignoreErrors' });
}

async function cancels(page) {
  await open(page, { s3: { limit: 1 } });
  const { held, release } = await hold(page, part(2), 1);
  await page.evaluate((description) => { add(description); uppy.upload(); }, { size: 11 * MIB, seed: 5 });
  while (held.length === 0) await page.waitForTimeout(50);
  check(stored().uploads.length === 1, 'an upload has begun at the store');
  const [response] = await Promise.all([
    page.waitForResponse((answer) => answer.request().method() === 'DELETE' && answer.url().startsWith(api)),
    page.evaluate(() => { uppy.cancelAll(); }),
  ]);
  release();
  check(response.status() === 200 && (await response.text()) === '{}', 'cancelling it aborts it');
  check(stored().uploads.length === 0, 'and leaves nothing at the store');
  await page.unrouteAll({ behavior: 'ignoreErrors' });
}

async function refuses(page) {
  const shown = async (file, options) => {
    await open(page, { dashboard: isLatest, ...options });
    const { errors, success, info } = await upload(page, file);
    check(success.length === 0 && errors.length === 1, `${file.name} is refused`);
    // The Dashboard shows which file failed, and why in the tooltip of a question mark.
    const text = isLatest ? await page.locator('.uppy-Informer [role=tooltip]').first().getAttribute('aria-label') : info.join(' ');
    return { ...errors[0], text };
  };
  const html = await shown({ size: 100, name: 'page.html', type: 'text/html' });
  check(html.message.includes('text/html') && (!isLatest || html.text.includes('text/html')), `Uppy shows that its type is not allowed: ${html.message}`);
  const inParts = await shown({ size: 6 * MIB, name: 'page.html', type: 'text/html' });
  check(inParts.message.includes('text/html'), `also in parts: ${inParts.message}`);
  const large = await shown({ size: 21 * MIB, name: 'large.bin' });
  check(/\b20971520\b/.test(large.message), `that it is too large: ${large.message}`);
  check(stored().uploads.length === 0, 'whose parts are removed');
  const form = await shown({ size: 21 * MIB, name: 'large.bin' }, { s3: { shouldUseMultipart: false } });
  check(form.source >= 400 && form.source < 500, `the store itself refuses a form that is too large: ${form.source} ${form.message}`);
  const meta = await shown({ size: 100, name: 'a.bin' }, { meta: { owner: 'bob' }, s3: { allowedMetaFields: ['owner'] } });
  check(/metadata/.test(meta.message), `and metadata that the route does not permit: ${meta.message}`);
  const nobody = await shown({ size: 100, name: 'a.bin' }, { token: '' });
  check(/auth/i.test(nobody.message), `and a caller without a token: ${nobody.message}`);
  const sts = await shown({ size: 100, name: 'a.bin' }, { s3: { getTemporarySecurityCredentials: true } });
  check(/credentials/.test(sts.message), `and temporary credentials: ${sts.message}`);
  // The defaults of the plugin send `name` and `type` as metadata of every file.
  await open(page, { s3: { allowedMetaFields: true } });
  const { success, errors } = await upload(page, { size: 100, name: 'a.bin' });
  check(success.length === 1, `what Uppy says about every file is not refused: ${JSON.stringify(errors)}`);
}

async function renewsToken(page) {
  await open(page, { token: 'expired' });
  await page.evaluate((headers) => { uppy.getPlugin('AwsS3Multipart').setOptions({ headers }); }, { Authorization: `Bearer ${token}` });
  const { success, errors } = await upload(page, { size: 100, name: 'a.bin' });
  check(success.length === 1, `a new token is used from setOptions on: ${JSON.stringify(errors)}`);
}

async function batch(page) {
  await open(page);
  const { begun, signed, completed, other } = await page.evaluate(async ({ api, token, size }) => {
    const call = async (method, path, body) => {
      const headers = { Authorization: `Bearer ${token}`, ...(body && { 'Content-Type': 'application/json' }) };
      const response = await fetch(`${api}/s3/${path}`, { method, headers, body: body && JSON.stringify(body) });
      return { status: response.status, ...await response.json() };
    };
    const begun = await call('POST', 'multipart', { filename: 'a.bin', type: 'application/octet-stream', metadata: {} });
    const [upload, key] = [`multipart/${begun.uploadId}`, encodeURIComponent(begun.key)];
    const signed = await call('GET', `${upload}/batch?key=${key}&partNumbers=1,2`);
    const bytes = bytesOf(size, 6);
    const parts = await Promise.all(Object.entries(signed.presignedUrls).map(async ([number, url]) => {
      const answer = await fetch(url, { method: 'PUT', body: bytes.slice((number - 1) * (5 << 20), number * (5 << 20)) });
      return { PartNumber: Number(number), ETag: answer.headers.get('etag') };
    }));
    const other = await call('DELETE', `${upload}?key=files%2Fother`);
    const completed = await call('POST', `${upload}/complete?key=${key}`, { parts });
    return { begun, signed, completed, other };
  }, { api, token, size: 6 * MIB });
  check(Object.keys(signed.presignedUrls).join() === '1,2', 'the URLs of several parts come at once');
  check(completed.key === begun.key && stored().objects[begun.key]?.sha256 === sha256(6 * MIB, 6), 'and store the file');
  check(other.status === 400, `another key is refused: ${other.message}`);
}

/** Runs the first example of the manual's page, as printed, with the address and the token of this run. */
async function example(page) {
  const text = fs.readFileSync(manual, 'utf8').split('\n').map((line) => line.replace(/^\/\/! ?/, '')).join('\n');
  const [, code] = text.match(/^```js\n([\s\S]*?)^```$/m);
  const lines = code.trim().split('\n').length;
  check(lines <= 10, `the example has ${lines} lines`);
  const here = code.replaceAll('https://api.example.com', api);
  const { script } = await bundle(`const accessToken = '${token}';\n${here}\nwindow.uppy = uppy;`);
  Object.assign(pages, { '/example': `${head}<body><div id="uppy"></div><script type="module" src="/example.js"></script>`, '/example.js': script });
  await page.goto(`${origin}/example`);
  await page.setInputFiles('.uppy-Dashboard-input >> nth=0', { name: 'photo.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(1000, 7) });
  await page.evaluate(() => { window.key = new Promise((resolve) => { uppy.on('upload-success', (_, { body }) => resolve(body.key)); }); });
  await page.click('.uppy-StatusBar-actionBtn--upload');
  const key = await page.evaluate(() => window.key);
  check(stored().objects[key]?.size === 1000, `the example of the manual stores ${key}`);
}

const everything = [single, several, withoutForm, pauses, reload, expires, cancels, refuses, renewsToken, batch, example];
for (const scenario of isLatest ? everything : [single, several, pauses, cancels, refuses]) {
  await withPage(async (page) => {
    console.log(`  ${scenario.name}`);
    page.on('pageerror', (error) => console.error(`   page: ${error.message}`));
    await scenario(page, await network(page));
  });
  if (process.exitCode) break;
}
server.close();
server.closeAllConnections();
