// usage: client_lost.mjs API TOKEN PORT PACKAGE PHOTO
// The browser client where bytes or work could be lost: files that change, calls with other options, pauses and refusals during a
// confirmation, records of completed uploads, two calls for one file, lost answers, and what an abort stops.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { check, withPage } from './chromium.mjs';
import { library, storedIn } from './client_library.mjs';
import { serve } from './client_server.mjs';

const [api, tokenUrl, port, folder, photo] = process.argv.slice(2);
const close = await serve(Number(port), folder, { '/photo.jpg': { text: fs.readFileSync(photo), type: 'image/jpeg' } });
const stored = storedIn(api, tokenUrl);
const overwritten = path.join(os.tmpdir(), `upsign-lost-${process.pid}.bin`);
const isPart = (url) => url.searchParams.has('partNumber');
const isCall = (path) => (url) => url.pathname === path;
const show = JSON.stringify;

/** Answers a call of the page as the service would. */
const answer = (status, body, headers = {}) => (route) => route.fulfill({ status, headers: { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'retry-after', ...headers }, body: show(body) });
/** Lets the service answer, but not the page receive it. */
const lost = async (route) => { await route.fetch(); await route.abort('connectionreset'); };

await withPage(async (page) => {
  const openIn = async (tab) => {
    await tab.goto(`http://127.0.0.1:${port}/`);
    await tab.evaluate(library, { api, tokenUrl, module: '/package/upsign.js' });
  };
  /** Handles the first requests that match, as many as there are steps, and returns how many requests there were. */
  const plan = async (matches, ...steps) => {
    const seen = { count: 0 };
    await page.route(matches, async (route) => {
      if (route.request().method() === 'OPTIONS') return route.continue();
      const step = steps[seen.count];
      seen.count += 1;
      return step ? step(route) : route.continue();
    });
    return seen;
  };
  const paused = (options, name = 'a.bin') => page.evaluate(async ({ options, name }) => {
    const abort = new AbortController();
    const onPart = ({ state }) => state === 'done' && abort.abort(client.paused());
    return (await run(file(11 << 20, name), { partsAtOnce: 1, ...options, signal: abort.signal, onPart })).error?.name;
  }, { options, name });
  const kept = () => page.evaluate(async () => (await client.interrupted()).length);
  const discardAll = () => page.evaluate(async () => { for (const left of await client.interrupted()) await left.discard({ token }); });
  await openIn(page);
  let one;

  // Another content under the same name, size and time of change.
  await paused({ route: 'large' });
  one = await page.evaluate(() => run(new File([new Uint8Array(11 << 20).fill(7)], 'a.bin', { type: 'application/octet-stream', lastModified: 1_700_000_000_000 }), { route: 'large' }));
  check(one.result && await stored(one.result.key, 'large') === one.digest, `parts of another content are sent again: ${show(one.error ?? one.result.key)}`);
  // Bytes that are read before the upload and others during it, as where a file is written to and the browser does not notice.
  const changing = (options, until) => page.evaluate(async ({ options, until }) => {
    const [old, now] = [file(11 << 20, 'c.bin'), new Blob([new Uint8Array(11 << 20).fill(9)])];
    let isOld = true;
    old.slice = (...range) => (isOld ? Blob.prototype.slice.call(old, ...range) : now.slice(...range));
    const onPart = ({ state, number }) => { if (state === 'done') isOld = number >= until; };
    const { error } = await run(old, { partsAtOnce: 1, onPart, ...options });
    return { code: error?.code, isRetryable: error?.isRetryable, kept: (await client.interrupted()).length };
  }, { options, until });
  one = await changing({ route: 'large' }, 4);
  check(show(one) === '{"code":"changed","isRetryable":false,"kept":0}', `a file that changes during its upload is not completed: ${show(one)}`);
  one = await changing({ route: 'movie', checksum: 'crc64nvme' }, 2);
  check(one.code === 'changed' && one.kept === 0, `with the checksum of the whole file, nor is one whose middle changes: ${show(one)}`);

  // Other options.
  await paused({ route: 'movie' });
  one = await page.evaluate(() => run(file(11 << 20), { route: 'movie', contentType: 'video/mp4', fileName: 'a.mp4' }));
  const { contentType } = one.result ?? {};
  check(contentType === 'video/mp4' && await kept() === 1, `a call with another type begins another upload: ${show(one.error ?? contentType)}`);
  await discardAll();

  // During the confirmation.
  await plan(isCall('/uploads/confirm'), answer(200, { state: 'pending', reason: 'inspecting', retryAfter: 2 }));
  one = await page.evaluate(() => {
    const abort = new AbortController();
    let calls = 0;
    const onProgress = ({ state }) => { if (state === 'confirming' && (calls += 1) === 2) abort.abort(client.paused()); };
    return run(file(11 << 20), { route: 'vault', signal: abort.signal, onProgress });
  });
  await page.unroute(isCall('/uploads/confirm'));
  await page.unrouteAll();
  check(one.error?.name === 'PauseError' && await kept() === 1, 'an upload that is paused during its confirmation is kept');
  let parts = await plan(isPart);
  one = await page.evaluate(() => run(file(11 << 20), { route: 'vault' }));
  check(one.result?.receipt && parts.count === 0 && await kept() === 0, `and confirmed later without its bytes: ${show(one.error ?? one.result.key)}, ${parts.count} parts`);
  await plan(isCall('/uploads/confirm'), ...Array(2).fill(answer(401, { code: 'unauthorized' })));
  one = await page.evaluate(() => run(file(11 << 20), { route: 'vault' }));
  check(one.error?.status === 401 && await kept() === 1, 'so is one whose session ends during it');
  await page.unrouteAll();
  await discardAll();
  check(await kept() === 0, 'a completed upload can be discarded from the list');

  // A page that ends after the completion, where no checksum of the store proves the object.
  await plan(isCall('/uploads/complete'), lost);
  one = await page.evaluate(() => run(file(11 << 20), { route: 'composite', retries: 0 }));
  check(one.error?.name === 'NetworkError' && await kept() === 1, 'an upload whose completion is not known is kept');
  await page.unrouteAll();
  one = await page.evaluate(() => run(file(11 << 20), { route: 'composite' }));
  check(one.result && await stored(one.result.key, 'composite') === one.digest && await kept() === 0, `and begins again if nothing proves it: ${show(one.error ?? one.result.key)}`);

  // Two calls.
  one = await page.evaluate(async () => {
    const abort = new AbortController();
    const onPart = ({ state }) => state === 'done' && abort.abort(client.paused());
    let second;
    const onGrant = () => { second = run(file(11 << 20, 'twice.bin'), { route: 'large', partsAtOnce: 1 }); };
    const first = await run(file(11 << 20, 'twice.bin'), { route: 'large', partsAtOnce: 1, signal: abort.signal, onPart, onGrant });
    return { first: first.error?.name, second: (await second).result?.key, left: (await client.interrupted()).map(({ loaded }) => loaded) };
  });
  check(one.first === 'PauseError' && one.second && show(one.left) === '[5242880]', `a second call for the same file leaves the record of the first: ${show(one)}`);
  await discardAll();
  await plan(isPart, () => {});
  const stuck = page.waitForRequest((request) => request.method() === 'PUT');
  page.evaluate(() => { run(file(11 << 20, 'running.bin'), { route: 'large', partsAtOnce: 1 }); });
  await stuck;
  const other = await page.context().newPage();
  await openIn(other);
  check(await other.evaluate(async () => (await client.interrupted()).length) === 0, 'an upload that runs in another tab is not interrupted');
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await openIn(page);
  check(await kept() === 1, 'but it is when its tab has gone');
  await other.close();
  await discardAll();

  // Answers that are lost or wrong.
  await plan((url) => url.searchParams.has('X-Amz-Signature'), lost);
  one = await page.evaluate(() => run(file(70_000, 'a.jpg', 'image/jpeg')));
  check(one.result && await stored(one.result.key) === one.digest, `a lost answer without parts begins another object: ${show(one.error ?? one.result.key)}`);
  await page.unrouteAll();
  one = await page.evaluate(async (url) => {
    const bob = async () => (await (await fetch(`${url}?user=bob`)).text()).trim();
    let calls = 0;
    const other = await run(jpeg(1_000), { route: 'avatars', token: () => ((calls += 1) > 1 ? bob() : token()) });
    const script = await run(new File(['<script>alert(1)</script>'], 'x.jpg', { type: 'image/jpeg' }), { route: 'avatars' });
    return [other.error?.code, script.error?.code];
  }, tokenUrl);
  check(show(one) === '["upload-token-invalid","confirm-rejected"]', `a confirmation that is refused is an error, and the next upload is confirmed: ${one}`);
  await plan(isCall('/uploads/read-url'), answer(404, { code: 'not-found' }));
  one = await page.evaluate(async () => {
    const { receipt, readUrlError } = await client.upload(new File([await (await fetch('/photo.jpg')).blob()], 'p.jpg', { type: 'image/jpeg' }), { ...options, route: 'avatars', readUrl: true });
    return { hasReceipt: Boolean(receipt), code: readUrlError?.code };
  });
  check(show(one) === '{"hasReceipt":true,"code":"not-found"}', `without a URL for reading, the receipt is not lost: ${show(one)}`);
  await page.unrouteAll();

  // What an abort stops at once.
  one = await page.evaluate(async () => {
    const never = new Promise(() => {});
    const big = new Blob(Array(40).fill(new Blob([new Uint8Array(64 << 20)])), { type: 'application/octet-stream' });
    const small = file(10, 'a.jpg', 'image/jpeg');
    const aborted = async (source, more) => {
      const abort = new AbortController();
      setTimeout(() => abort.abort(), 300);
      return (await client.upload(source, { ...options, ...more, signal: abort.signal }).catch(describe)).name;
    };
    const names = [await aborted(small, { token: () => never }), await aborted(big, { route: 'movie', checksum: 'crc64nvme' })];
    const began = performance.now();
    const next = await run(small, { checksum: 'crc64nvme' });
    return [...names, Boolean(next.result), performance.now() - began < 5_000];
  });
  check(show(one) === '["AbortError","AbortError",true,true]', `an abort ends a token that never comes, and a checksum, whose worker is then free: ${one}`);

  // What is not tried again.
  const quota = await plan(isCall('/upload-url'), ...Array(9).fill(answer(429, { code: 'quota-exceeded' }, { 'Retry-After': '43200' })));
  one = await page.evaluate(() => client.upload(file(10, 'a.jpg', 'image/jpeg'), options).catch(({ code, retryAfter }) => ({ code, retryAfter })));
  check(show(one) === '{"code":"quota-exceeded","retryAfter":"43200"}' && quota.count === 1, `a quota is not waited for: ${show(one)}, ${quota.count} calls`);
  await page.unrouteAll();
  fs.writeFileSync(overwritten, Buffer.alloc(70_000, 1));
  await page.evaluate(() => { document.body.innerHTML = '<input type="file">'; });
  await page.locator('input').setInputFiles(overwritten);
  fs.writeFileSync(overwritten, Buffer.alloc(80_000, 2));
  const sent = await plan((url) => url.searchParams.has('X-Amz-Signature'));
  one = await page.evaluate(async () => {
    const source = new File([document.querySelector('input').files[0]], 'a.jpg', { type: 'image/jpeg' });
    const gone = { getFile: async () => { throw new DOMException('gone', 'NotFoundError'); } };
    return [await client.upload(source, options).catch(describe), await client.upload(gone, options).catch(describe)].map(({ name, code, isRetryable }) => `${name} ${code} ${isRetryable}`);
  });
  check(one.every((error) => error === 'UploadError unreadable false') && sent.count <= 1, `a file that has changed or is gone is not a lost connection: ${one}, ${sent.count} requests`);
  await page.unrouteAll();
});
await close();
fs.rmSync(overwritten, { force: true });
