// usage: uppy.mjs API PORT STORE BUCKET MANUAL: uploads with the real Uppy 6, whose packages are in CLIENT
// With its option signRequest, as the manual prints it: a form and parts, progress, pause, resume after a reload, URLs that expire, an
// upload that is cancelled, one that is too large, another user's upload, and objects that are not deleted.
import http from 'node:http';
import { bundle } from './bundle.mjs';
import { check, network, withPage } from './chromium.mjs';
import { accessToken, bytesOf, examples, sha256, storedIn } from './foreign_library.mjs';

const [api, port, store, bucket, manual] = process.argv.slice(2);
const [token, otherToken] = [await accessToken('ACCESS_TOKEN', 'alice'), await accessToken('OTHER_ACCESS_TOKEN', 'bob')];
const origin = `http://127.0.0.1:${port}`;
const MIB = 1 << 20;
const stored = storedIn(store, bucket);

/** The function of the manual, with the address of this run. */
const [sample, whole] = examples(manual).map(({ code }) => code.replaceAll('https://api.example.com', api));

/** What the application's own script has: Uppy in a form that is easy to drive. */
const APP = `
import Uppy from '@uppy/core';
import AwsS3 from '@uppy/aws-s3';
import GoldenRetriever from '@uppy/golden-retriever';
import Dashboard from '@uppy/dashboard';
${sample}
let token;
window.accessToken = () => token;
window.signRequest = signRequest;
window.bytesOf = ${bytesOf};
window.start = ({ token: given, dashboard, restore, route, s3 = {} }) => {
  token = given;
  const uppy = new Uppy({ id: 'uppy' });
  if (dashboard) uppy.use(Dashboard, { inline: true, target: 'body' });
  if (restore) uppy.use(GoldenRetriever, { indexedDB: { maxFileSize: 100 << 20 } });
  const signed = (request) => signRequest(route ? { ...request, route } : request);
  uppy.use(AwsS3, { signRequest: signed, shouldUseMultipart: (file) => file.size > ${5 * MIB}, getChunkSize: () => ${5 * MIB}, ...s3 });
  window.seen = { progress: [], parts: [], success: [], errors: [], info: [] };
  uppy.on('upload-progress', (_, { bytesUploaded, bytesTotal }) => seen.progress.push([bytesUploaded, bytesTotal]));
  uppy.on('s3-multipart:part-uploaded', (_, part) => seen.parts.push(part.PartNumber));
  uppy.on('upload-success', (_, { body, uploadURL }) => seen.success.push({ key: body.key, uploadURL }));
  uppy.on('upload-error', (_, error) => seen.errors.push({ message: error.message, status: error.status }));
  uppy.on('info-visible', () => seen.info.push(...uppy.getState().info.map(({ message, details }) => message + ' ' + details)));
  window.uppy = uppy;
};
window.add = ({ size, name = 'file.bin', type = 'application/octet-stream' }) => (
  uppy.addFile({ name, type, data: new Blob([bytesOf(size)], { type }) }));
window.ready = true;
`;

const app = await bundle(APP);
const head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>app</title>';
const pages = { '/': `${head}<style>${app.style}</style><body><script type="module" src="/app.js"></script>`, '/app.js': app.script };
const server = http.createServer((request, response) => {
  const { pathname } = new URL(request.url, origin);
  response.writeHead(pathname in pages ? 200 : 404, { 'Content-Type': pathname.endsWith('.js') ? 'text/javascript' : 'text/html' }).end(pages[pathname] ?? '');
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

/** Whether a URL is that of a part at the store. */
const part = (number) => (url) => url.searchParams.get('partNumber') === String(number) && url.searchParams.has('X-Amz-Signature');

/** Holds the first `PUT` of a part until `release` is called. */
async function hold(page, number) {
  const held = [];
  let release;
  const released = new Promise((resolve) => { release = resolve; });
  await page.route((url) => part(number)(url), async (route) => {
    if (route.request().method() !== 'PUT' || held.length > 0) { await route.continue(); return; }
    held.push(route.request().url());
    await released;
    await route.continue().catch(() => {});
  });
  return { held, release };
}

const puts = (net, from, number) => net.all().slice(from).filter(({ method, url }) => method === 'PUT' && part(number)(new URL(url)));

async function settled(page) {
  await page.waitForFunction(() => seen.success.length + seen.errors.length > 0);
  return page.evaluate(() => seen);
}

async function form(page) {
  await open(page);
  const { success, errors, progress } = await upload(page, { size: 300_000, name: 'kąt 1.jpg', type: 'image/jpeg' });
  check(errors.length === 0 && success.length === 1, `a form stores a file: ${JSON.stringify(errors)}`);
  check(progress.at(-1)[0] === progress.at(-1)[1], `with progress to ${progress.at(-1)}`);
  const object = stored().objects[success[0].key];
  check(object?.sha256 === sha256(bytesOf(300_000)) && object.type === 'image/jpeg', `with its bytes and its type: ${success[0].key}`);
  check(success[0].uploadURL.endsWith(success[0].key), `uploadURL is the address of the object: ${success[0].uploadURL}`);
}

async function parts(page, net) {
  await open(page);
  const size = 12 * MIB;
  const { success, errors, progress, parts: sent } = await upload(page, { size });
  check(errors.length === 0 && success.length === 1, `a larger file is stored in parts: ${JSON.stringify(errors)}`);
  check(sent.join() === '1,2,3', `of which there are ${sent.length}`);
  check(progress.length > 2 && progress.at(-1)[0] === size, `with progress in ${progress.length} steps`);
  check(stored().objects[success[0].key]?.sha256 === sha256(bytesOf(size)), `its bytes are stored: ${success[0].key}`);
  check(stored().uploads.length === 0, 'and no upload is left open');
  check(success[0].uploadURL.endsWith(success[0].key) && !success[0].uploadURL.includes('?'), `uploadURL is the address of the object: ${success[0].uploadURL}`);
  const here = net.all().filter(({ url, method }) => url.startsWith(api) && method !== 'OPTIONS');
  const calls = [...new Set(here.map(({ method, url }) => `${method} ${new URL(url).pathname}`))];
  check(calls.join() === 'POST /uppy/sign,POST /uppy/multipart', `the calls of the API are ${calls}`);
  const longest = here.reduce((most, { url }) => Math.max(most, url.length), 0);
  check(longest < 2048, `the longest URL has ${longest} characters`);
}

async function pauses(page, net) {
  await open(page);
  const before = net.all().length;
  const { held, release } = await hold(page, 2);
  const size = 11 * MIB;
  await page.evaluate((description) => { window.id = add(description); uppy.upload(); }, { size });
  while (held.length === 0) await page.waitForTimeout(50);
  check(await page.evaluate(() => uppy.pauseResume(id)), 'the upload is paused in its second part');
  await page.waitForTimeout(500);
  release();
  check(await page.evaluate(() => seen.success.length + seen.errors.length) === 0, 'and stays so');
  await page.evaluate(() => { uppy.pauseResume(id); });
  const { success, errors } = await settled(page);
  check(stored().objects[success[0]?.key]?.sha256 === sha256(bytesOf(size)), `after it continues, the bytes are stored: ${JSON.stringify(errors)}`);
  check(puts(net, before, 1).length === 1, 'the first part was sent once');
  check(net.all().slice(before).some(({ method, url }) => method === 'GET' && url.startsWith(`${api}/uppy/multipart?`)), 'because the API listed it');
  await page.unrouteAll({ behavior: 'ignoreErrors' });
}

async function reloads(page, net) {
  await open(page, { restore: true });
  const { held } = await hold(page, 2);
  const size = 11 * MIB;
  await page.evaluate((description) => { add(description); uppy.upload(); }, { size });
  while (held.length === 0) await page.waitForTimeout(50);
  // Golden Retriever writes its state at most once in half a second.
  await page.waitForTimeout(1500);
  const before = net.all().length;
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await open(page, { restore: true });
  await page.waitForFunction(() => uppy.getState().recoveredState !== null && uppy.getFiles().length === 1, null, { timeout: 10_000 });
  await page.evaluate(() => { uppy.emit('restore-confirmed'); });
  const { success, errors } = await settled(page);
  check(stored().objects[success[0]?.key]?.sha256 === sha256(bytesOf(size)), `after a reload in the second part, the upload continues: ${JSON.stringify(errors)}`);
  check(puts(net, before, 1).length === 0, 'the first part was not sent again');
}

async function expires(page, net) {
  await open(page, { route: 'short' });
  const before = net.all().length;
  // The URL of the second part reaches the page after it has expired.
  let delayed = 0;
  await page.route((url) => url.href === `${api}/uppy/sign`, async (route) => {
    const response = await route.fetch();
    if (delayed === 0 && JSON.parse(route.request().postData()).partNumber === 2) {
      delayed += 1;
      await new Promise((resolve) => { setTimeout(resolve, 4500); });
    }
    await route.fulfill({ response }).catch(() => {});
  });
  const size = 6 * MIB;
  const first = await upload(page, { size });
  check(first.success.length === 0 && first.errors.length === 1, `a URL that has expired is an error: ${first.errors[0]?.message}`);
  await page.evaluate(async () => { seen.errors = []; await uppy.retryAll(); });
  const { success, errors } = await settled(page);
  check(stored().objects[success[0]?.key]?.sha256 === sha256(bytesOf(size)), `a retry continues the upload: ${JSON.stringify(errors)}`);
  check(success[0].key.startsWith('short/'), 'on the route that the page names');
  check(puts(net, before, 1).length === 1, 'the first part was sent once');
  const statuses = puts(net, before, 2).map(({ status }) => status);
  check(statuses.at(0) !== 200 && statuses.at(-1) === 200, `the answers to the second part were ${statuses}`);
  await page.unrouteAll({ behavior: 'ignoreErrors' });
}

async function cancels(page) {
  await open(page);
  const { held, release } = await hold(page, 2);
  await page.evaluate((description) => { add(description); uppy.upload(); }, { size: 11 * MIB });
  while (held.length === 0) await page.waitForTimeout(50);
  check(stored().uploads.length === 1, 'an upload has begun at the store');
  const [response] = await Promise.all([
    page.waitForResponse((answer) => answer.request().method() === 'DELETE' && answer.url().startsWith(`${api}/uppy/multipart`)),
    page.evaluate(() => { uppy.cancelAll(); }),
  ]);
  release();
  check(response.status() === 204, 'cancelling it aborts it');
  check(stored().uploads.length === 0, 'and leaves nothing at the store');
  await page.unrouteAll({ behavior: 'ignoreErrors' });
}

async function refuses(page) {
  const shown = async (file, options) => {
    await open(page, { dashboard: true, ...options });
    const { errors, success, info } = await upload(page, file);
    check(success.length === 0 && errors.length === 1, `${file.name} is refused`);
    check(await page.getByText(`Failed to upload ${file.name}`).count() > 0, 'which the Dashboard shows');
    return { ...errors[0], text: info.join(' ') };
  };
  const html = await shown({ size: 100, name: 'page.html', type: 'text/html' });
  check(html.message.includes('text/html') && html.text.includes('text/html'), `Uppy shows that its type is not allowed: ${html.message}`);
  const large = await shown({ size: 21 * MIB, name: 'large.bin' });
  check(/\b20971520\b/.test(large.message) && /\b20971520\b/.test(large.text), `that it is too large: ${large.message}`);
  check(stored().uploads.length === 0, 'whose parts are removed');
  const inOne = await shown({ size: 21 * MIB, name: 'large.bin' }, { s3: { shouldUseMultipart: false } });
  check(inOne.status >= 400 && inOne.status < 500, `the store itself refuses a form that is too large: ${inOne.message}`);
  const nobody = await shown({ size: 100, name: 'a.bin' }, { token: '' });
  check(/token/i.test(nobody.message), `and a caller without a token: ${nobody.message}`);
  const unknown = await shown({ size: 100, name: 'a.bin' }, { route: 'nowhere' });
  check(/route/i.test(unknown.message), `and a route that does not exist: ${unknown.message}`);
}

/** What a page could do with a token of another user, or with the URL of another request. */
async function defends(page) {
  await open(page);
  const { held, release } = await hold(page, 2);
  await page.evaluate((description) => { window.id = add(description); uppy.upload(); }, { size: 6 * MIB });
  while (held.length === 0) await page.waitForTimeout(50);
  const attempts = await page.evaluate(async ({ otherToken, token }) => {
    const { s3Multipart: { uploadId, key } } = uppy.getFile(id);
    const attempt = (request) => signRequest(request).then(({ url }) => url, ({ message }) => message);
    window.accessToken = () => otherToken;
    const asOther = await Promise.all([
      { method: 'PUT', key, uploadId, partNumber: 1 }, { method: 'GET', key, uploadId }, { method: 'POST', key, uploadId },
      { method: 'DELETE', key, uploadId },
    ].map(attempt));
    window.accessToken = () => token;
    const list = await attempt({ method: 'GET', key, uploadId });
    const wrong = await Promise.all(['DELETE', 'POST'].map(async (method) => (await fetch(list, { method, body: method === 'POST' ? '<a/>' : undefined })).status));
    return { uploadId, asOther, wrong, list: (await fetch(list)).status, deleted: await attempt({ method: 'DELETE', key }) };
  }, { otherToken, token });
  check(attempts.asOther.every((message) => message.includes('another caller began the upload')), `another user's token is refused: ${attempts.asOther[0]}`);
  check(attempts.list === 200 && attempts.wrong.join() === '403,403', `a URL to list neither aborts nor completes: ${attempts.wrong}`);
  check(attempts.deleted.includes('not deleted'), `objects are not deleted: ${attempts.deleted}`);
  check(stored().uploads.length === 1, 'the upload is still there');
  release();
  const { success, errors } = await settled(page);
  check(success.length === 1, `and is completed by its own user: ${JSON.stringify(errors)}`);
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const confirm = await fetch(`${api}/uploads/confirm`, { method: 'POST', headers, body: JSON.stringify({ uploadToken: attempts.uploadId }) });
  const confirmation = await confirm.json();
  check(confirmation.state === 'confirmed' && confirmation.size === 6 * MIB, `and confirmed by its upload id: ${confirmation.state}`);
  await page.unrouteAll({ behavior: 'ignoreErrors' });
}

/** Runs the example of the manual as printed, with the address and the token of this run. */
async function example(page) {
  const lines = (code) => code.trim().split('\n').length;
  check(lines(sample) <= 10, `the function of the manual has ${lines(sample)} lines`);
  const { script } = await bundle(`const accessToken = async () => '${token}';\n${whole}\n${sample}\nwindow.uppy = uppy;`);
  Object.assign(pages, { '/example': `${head}<body><div id="uppy"></div><script type="module" src="/example.js"></script>`, '/example.js': script });
  await page.goto(`${origin}/example`);
  await page.setInputFiles('.uppy-Dashboard-input >> nth=0', { name: 'photo.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(1000, 7) });
  await page.evaluate(() => { window.key = new Promise((resolve) => { uppy.on('upload-success', (_, { body }) => resolve(body.key)); }); });
  await page.click('.uppy-StatusBar-actionBtn--upload');
  const key = await page.evaluate(() => window.key);
  check(stored().objects[key]?.size === 1000, `the example of the manual stores ${key}`);
}

for (const scenario of [form, parts, pauses, reloads, expires, cancels, refuses, defends, example]) {
  await withPage(async (page) => {
    console.log(`  ${scenario.name}`);
    page.on('pageerror', (error) => console.error(`   page: ${error.message}`));
    await scenario(page, await network(page));
  });
  if (process.exitCode) break;
}
server.close();
server.closeAllConnections();
