// usage: client.mjs API TOKEN PORT PACKAGE PHOTO
// The browser client (`crates/upsign-browser`) on a page of PORT, against `upsign dev` with the routes of `browser_client.rs`: every
// kind of grant, what goes wrong, and what continues after a reload. Stored bytes are compared with those that were sent.
import crypto from 'node:crypto';
import fs from 'node:fs';
import { check, network, withPage } from './chromium.mjs';
import { ends, isMonotone, library, storedIn } from './client_library.mjs';
import { serve } from './client_server.mjs';

const [api, tokenUrl, port, folder, photo] = process.argv.slice(2);
const close = await serve(Number(port), folder, { '/photo.jpg': { text: fs.readFileSync(photo), type: 'image/jpeg' } });
const origin = `http://127.0.0.1:${port}`;
const MIB = 1 << 20;
const stored = storedIn(api, tokenUrl);

const isStore = (url) => url.searchParams.has('X-Amz-Signature');
const isPart = (url) => url.searchParams.has('partNumber');

/** Answers the requests to the store that match: `plan` has one function for each, and the rest continue. */
async function plan(page, matches, steps) {
  await page.route(matches, async (route) => {
    if (route.request().method() === 'OPTIONS') return route.continue();
    const step = steps.shift();
    return step ? step(route) : route.continue();
  });
}

await withPage(async (page) => {
  const open = async (path = '/') => {
    await page.goto(origin + path);
    await page.evaluate(library, { api, tokenUrl, module: '/package/upsign.js' });
  };
  const net = await network(page);
  await open();

  // One request.
  let one = await page.evaluate(() => run(file(70_000, 'a.jpg', 'image/jpeg')));
  check(one.result?.key.startsWith('articles/') && one.result.articleId, `a PUT resolves to key and ids: ${JSON.stringify(one.error ?? one.result)}`);
  check(await stored(one.result.key) === one.digest, 'the store has the bytes');
  check(isMonotone(one.progress) && ends(one, 70_000), 'progress ends at the size');
  const loaded = net.all().filter(({ url }) => url.startsWith(`${origin}/package/`)).map(({ url }) => url.split('/').at(-1)).sort();
  check(loaded.join() === 'api.js,errors.js,load.js,retry.js,send.js,upsign.js', `it has loaded ${loaded.join(', ')}`);
  const cdp = await page.context().newCDPSession(page);
  const throttle = (uploadThroughput) => cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput });
  await cdp.send('Network.enable');
  await throttle(4 << 20);
  one = await page.evaluate(() => run(file(6 << 20, 'a.jpg', 'image/jpeg')));
  const steps = new Set(one.progress.map(({ loaded }) => loaded)).size;
  check(one.result && isMonotone(one.progress) && steps > 4, `progress on a slow line has ${steps} values`);
  await throttle(-1);
  let many = await page.evaluate(() => run(jpeg(90_000), { route: 'form' }));
  check(many.result && await stored(many.result.key, 'form') === many.digest && ends(many, 90_000), `a form: ${JSON.stringify(many.error ?? many.result.key)}`);

  // Refusals.
  one = await page.evaluate(() => run(new File(['hello'], 'a.txt', { type: 'text/plain' })));
  check(one.error?.name === 'ApiError' && one.error.status === 415 && one.error.code === one.error.problem.code, `a wrong type is refused: ${one.error?.status} ${one.error?.code}`);
  one = await page.evaluate(() => run(file(20 << 20, 'a.jpg', 'image/jpeg')));
  check(one.error?.code === 'too-large', `and so is a large file: ${one.error?.code}`);
  await page.evaluate(() => { window.asked = []; });
  one = await page.evaluate(() => run(file(10, 'a.jpg', 'image/jpeg'), { token: async (why) => { asked.push(why); return why.isRejected ? token() : 'expired'; } }));
  check(one.result && await page.evaluate(() => JSON.stringify(asked)) === '[{"isRejected":false},{"isRejected":true}]', 'another token is requested after 401');

  // Checksums.
  one = await page.evaluate(() => run(file(70_000, 'a.jpg', 'image/jpeg'), { checksum: 'crc64nvme' }));
  check(one.result?.checksum.crc64nvme, `a checksum is signed and stored: ${JSON.stringify(one.error ?? one.result.checksum)}`);
  one = await page.evaluate(() => run(file(70_000), { route: 'checked' }));
  check(one.result?.checksum.sha256 && await stored(one.result.key, 'checked') === one.digest, `one that the service demands is computed: ${JSON.stringify(one.error ?? one.result.checksum)}`);
  const values = await page.evaluate(async () => {
    const { checksum, combined } = await import('/package/hash.js');
    const check = new Blob(['123456789']);
    const all = ['crc64nvme', 'crc32c', 'crc32', 'sha256', 'sha1'].map((algorithm) => checksum(check, algorithm));
    const halves = async (algorithm) => combined([[await checksum(check.slice(0, 4), algorithm), 4], [await checksum(check.slice(4), algorithm), 5]], algorithm);
    return { all: await Promise.all(all), combined: await Promise.all(['crc64nvme', 'crc32c', 'crc32'].map(halves)) };
  });
  const digest = (name) => crypto.createHash(name).update('123456789').digest('base64');
  // The check values of https://reveng.sourceforge.io/crc-catalogue/all.htm
  const expected = ['rosUhgp5mIg=', '4waSgw==', 'y/Q5Jg==', digest('sha256'), digest('sha1')];
  check(values.all.join() === expected.join() && values.combined.join() === expected.slice(0, 3).join(), `check values of all algorithms: ${values.all}; combined: ${values.combined}`);

  // Attempts that fail.
  await plan(page, isStore, [(route) => route.abort('connectionreset'), (route) => route.fulfill({ status: 503, headers: { 'Access-Control-Allow-Origin': '*' }, body: '<Error><Code>SlowDown</Code></Error>' })]);
  one = await page.evaluate(() => run(file(70_000, 'a.jpg', 'image/jpeg')));
  check(one.result && isMonotone(one.progress), `a lost connection and a busy store are tried again: ${JSON.stringify(one.error ?? one.result.key)}`);
  await page.unroute(isStore);
  await plan(page, isStore, [async (route) => { await new Promise((wait) => { setTimeout(wait, 2_500); }); await route.continue(); }]);
  let grants = net.all().filter(({ url, method }) => url === `${api}/upload-url` && method === 'POST').length;
  one = await page.evaluate(() => run(file(70_000), { route: 'brief' }));
  grants = net.all().filter(({ url, method }) => url === `${api}/upload-url` && method === 'POST').length - grants;
  check(one.result && grants === 2, `an expired URL is replaced: ${JSON.stringify(one.error ?? one.result.key)}, ${grants} grants`);
  await page.unroute(isStore);
  await plan(page, isStore, [async (route) => { await route.fetch(); await route.abort('connectionreset'); }]);
  one = await page.evaluate(() => run(file(70_000), { route: 'large' }));
  check(one.result && await stored(one.result.key, 'large') === one.digest, `an upload whose answer is lost is recovered: ${JSON.stringify(one.error ?? one.result.key)}`);
  await page.unroute(isStore);
  const isApi = (url) => url.pathname === '/upload-url';
  await plan(page, isApi, [(route) => route.fulfill({ status: 503, headers: { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'retry-after', 'Retry-After': '1' }, body: '{"code":"overloaded","diagnose":{"hint":"wait"}}' })]);
  const began = Date.now();
  one = await page.evaluate(() => run(file(10, 'a.jpg', 'image/jpeg')));
  check(one.result && Date.now() - began >= 1_000, 'Retry-After of the service is respected');
  await page.unroute(isApi);
  const hint = { cause: 'checksum', owner: 'client', fix: 'send it in base64' };
  await plan(page, isApi, [(route) => route.fulfill({ status: 400, headers: { 'Access-Control-Allow-Origin': '*' }, body: JSON.stringify({ code: 'checksum-invalid', diagnose: hint }) })]);
  one = await page.evaluate(() => run(file(10, 'a.jpg', 'image/jpeg')));
  check(one.error?.code === 'checksum-invalid' && JSON.stringify(one.error.diagnose) === JSON.stringify(hint), 'an error has the hint of the service');
  await page.unroute(isApi);
  await plan(page, isApi, [(route) => route.fulfill({ status: 403, headers: { 'Access-Control-Allow-Origin': '*' }, body: '{"message":"Forbidden"}' })]);
  one = await page.evaluate(() => run(file(10, 'a.jpg', 'image/jpeg')));
  check(one.error?.code === 'http-403' && one.error.message.includes('Forbidden'), `a gateway without problem documents: ${one.error?.message}`);
  await page.unroute(isApi);
  await plan(page, isStore, Array(9).fill((route) => route.abort('connectionrefused')));
  one = await page.evaluate(() => run(file(10, 'a.jpg', 'image/jpeg'), { retries: 1 }));
  check(one.error?.name === 'NetworkError' && one.error.isRetryable, `a store that does not answer: ${one.error?.message}`);
  await page.unroute(isStore);

  // Parts.
  one = await page.evaluate(() => run(file((11 << 20) + 1), { route: 'large' }));
  check(one.result?.checksum?.crc64nvme && await stored(one.result.key, 'large') === one.digest, `three parts with a checksum of the whole: ${JSON.stringify(one.error ?? one.result.checksum)}`);
  check(isMonotone(one.progress) && ends(one, 11 * MIB + 1), 'progress of parts is monotone');
  check(page.workers().length === 1, 'checksums are computed in a worker');
  check(one.parts.filter(({ state }) => state === 'done').map(({ number }) => number).sort().join() === '1,2,3', 'every part is reported');
  await plan(page, isPart, [async (route) => { await new Promise((wait) => { setTimeout(wait, 2_500); }); await route.continue(); }, (route) => route.abort('connectionreset')]);
  one = await page.evaluate(() => run(file(11 << 20), { route: 'brief', multipart: true }));
  check(one.result && await stored(one.result.key, 'brief') === one.digest && isMonotone(one.progress), `parts with expired URLs and lost connections: ${JSON.stringify(one.error ?? one.result.key)}`);
  await page.unroute(isPart);
  one = await page.evaluate(() => run(file(11 << 20), { route: 'composite' }));
  check(one.result && await stored(one.result.key, 'composite') === one.digest, `parts with SHA-256: ${JSON.stringify(one.error ?? one.result.key)}`);

  // Aborted, paused, and interrupted uploads.
  one = await page.evaluate(() => {
    const abort = new AbortController();
    return run(file(5 << 20, 'a.jpg', 'image/jpeg'), { signal: abort.signal, onProgress: ({ state }) => state === 'sending' && abort.abort() });
  });
  check(one.error?.name === 'AbortError', `an aborted upload rejects with ${one.error?.name}`);
  const aborting = (reason) => page.evaluate(async (reason) => {
    const abort = new AbortController();
    let uploadToken;
    const onPart = ({ state }) => state === 'done' && abort.abort(reason ? client.paused() : undefined);
    const { error } = await run(file(11 << 20), { route: 'large', signal: abort.signal, onPart, partsAtOnce: 1, onGrant: (grant) => { ({ uploadToken } = grant); } });
    const headers = { Authorization: `Bearer ${await token()}`, 'Content-Type': 'application/json' };
    const status = await (await fetch(`${options.endpoint}/uploads/status`, { method: 'POST', headers, body: JSON.stringify({ uploadToken }) })).json();
    return { error, state: status.state, kept: (await client.interrupted()).length };
  }, reason);
  one = await aborting(false);
  check(one.error?.name === 'AbortError' && one.state === 'gone' && one.kept === 0, `an aborted multipart upload is discarded: ${JSON.stringify(one)}`);
  one = await aborting(true);
  check(one.error?.name === 'PauseError' && one.state === 'open' && one.kept === 1, `a paused one is kept: ${JSON.stringify(one)}`);
  const parts = () => net.all().filter(({ url, method }) => method === 'PUT' && url.includes('partNumber'));
  let before = parts().length;
  one = await page.evaluate(() => run(file(11 << 20), { route: 'large' }));
  check(one.result && await stored(one.result.key, 'large') === one.digest && parts().length - before === 2, `and continued: ${JSON.stringify(one.error ?? one.result.key)}, ${parts().length - before} parts`);
  check(await page.evaluate(async () => (await client.interrupted()).length) === 0, 'nothing remains to be continued');

  // A reload in the middle: the second part never arrives.
  const hold = { first: true };
  await plan(page, isPart, [(route) => route.continue(), () => { hold.stuck?.(); }]);
  const stuck = new Promise((resolve) => { hold.stuck = resolve; });
  await page.evaluate(async () => {
    const folder = await navigator.storage.getDirectory();
    const handle = await folder.getFileHandle('large.bin', { create: true });
    const writer = await handle.createWritable();
    await writer.write(file(11 << 20));
    await writer.close();
    run(handle, { route: 'large', partsAtOnce: 1 });
  });
  await stuck;
  // The page goes first: without the route, the part would be sent.
  await open();
  await page.unroute(isPart);
  const left = await page.evaluate(async () => (await client.interrupted()).map(({ name, size, loaded, key }) => ({ name, size, loaded, key })));
  check(left.length === 1 && left[0].name === 'large.bin' && left[0].loaded === 5 * MIB, `after a reload, the upload is known: ${JSON.stringify(left)}`);
  before = parts().length;
  one = await page.evaluate(async () => {
    const [first] = await client.interrupted();
    return run(await first.handle(), { route: 'large' });
  });
  check(one.result?.key === left[0].key && await stored(one.result.key, 'large') === one.digest && parts().length - before === 2, `and continued with the handle of its file: ${JSON.stringify(one.error ?? one.result.key)}`);
  one = await page.evaluate(async () => {
    const abort = new AbortController();
    await run(file(11 << 20, 'b.bin'), { route: 'large', signal: abort.signal, onPart: ({ state }) => state === 'done' && abort.abort(client.paused()) });
    const [first] = await client.interrupted();
    await first.discard({ token });
    return (await client.interrupted()).length;
  });
  check(one === 0, 'an interrupted upload can be discarded');
  one = await page.evaluate(async () => {
    const abort = new AbortController();
    const { error } = await run(new Blob([file(11 << 20)], { type: 'application/octet-stream' }), { route: 'large', signal: abort.signal, onPart: ({ state }) => state === 'done' && abort.abort(client.paused()) });
    return `${error.name} ${(await client.interrupted()).length}`;
  });
  check(one === 'PauseError 0', 'a blob has no name by which to find its upload again');

  // Two tabs, and another user who finds the record of the first.
  const other = await page.context().newPage();
  await other.goto(`${origin}/`);
  await other.evaluate(library, { api, tokenUrl, module: '/package/upsign.js' });
  many = await Promise.all([page, other].map((tab) => tab.evaluate(() => run(file(11 << 20, 'same.bin'), { route: 'large', partsAtOnce: 1 }))));
  check(many.every(({ result }) => result) && many[0].result.key !== many[1].result.key, `two tabs upload the same file: ${many.map(({ error, result }) => error?.code ?? result.key)}`);
  check(await stored(many[0].result.key, 'large') === many[0].digest && await stored(many[1].result.key, 'large') === many[1].digest, 'and both are stored');
  await other.close();
  one = await aborting(true);
  one = await page.evaluate(async ({ url }) => {
    const bob = async () => (await (await fetch(`${url}?user=bob`)).text()).trim();
    return run(file(11 << 20), { route: 'large', token: bob });
  }, { url: tokenUrl });
  check(one.result && await stored(one.result.key, 'large') === one.digest, `another user begins anew: ${JSON.stringify(one.error ?? one.result.key)}`);

  // Several files.
  many = await page.evaluate(async () => {
    const seen = new Set();
    const files = [jpeg(1_000), new File(['x'], 'a.txt', { type: 'text/plain' }), jpeg(2_000)];
    const results = await client.uploadAll(files, { ...options, onProgress: (_, index) => seen.add(index) });
    return { results: results.map(({ status, value, reason }) => ({ status, key: value?.key, code: reason?.code })), seen: [...seen].sort() };
  });
  check(many.results.map(({ status }) => status).join() === 'fulfilled,rejected,fulfilled' && many.seen.join() === '0,1,2', `one of three files fails: ${JSON.stringify(many.results)}`);
  many = await page.evaluate(async () => {
    const results = await client.uploadAll([jpeg(1_000), jpeg(2_000)], { ...options, route: 'gallery', together: true });
    const refused = await client.uploadAll([jpeg(1_000), new File(['x'], 'a.txt', { type: 'text/plain' })], { ...options, route: 'gallery', together: true }).catch(describe);
    return { keys: results.map(({ value }) => value?.key), refused };
  });
  check(new Set(many.keys).size === 2 && many.keys.every(Boolean) && many.refused.problem?.file === 1, `files begin together, or none does: ${many.refused.code}`);

  // What follows an upload.
  one = await page.evaluate(async () => run(new File([await (await fetch('/photo.jpg')).blob()], 'photo.jpg', { type: 'image/jpeg' }), { route: 'avatars', readUrl: true }));
  check(one.result?.receipt && one.result.readUrl, `a route that confirms gives a receipt: ${JSON.stringify(one.error ?? Object.keys(one.result))}`);
  const read = await fetch(one.result.readUrl);
  check(crypto.createHash('sha256').update(Buffer.from(await read.arrayBuffer())).digest('hex') === one.digest, 'and a URL that reads the object');
  one = await page.evaluate(() => run(new File(['<html><script>alert(1)</script></html>'], 'a.jpg', { type: 'image/jpeg' }), { route: 'avatars' }));
  check(one.error?.code === 'confirm-rejected' && one.error.reason, `a page that is called a photo: ${one.error?.code} ${one.error?.reason}`);

  // Where there can be no worker, and where the module is of another origin: that of the service, which offers it to its pages.
  await open('/no-worker');
  one = await page.evaluate(() => run(file(70_000), { route: 'checked', checksum: 'sha256' }));
  check(one.result?.checksum.sha256, `a page whose policy forbids workers: ${JSON.stringify(one.error ?? one.result.checksum)}`);
  check(page.workers().length === 0, 'computes checksums itself');
  await page.goto(`${origin}/`);
  await page.evaluate(library, { api, tokenUrl, module: `${api}/upsign/upsign.js` });
  one = await page.evaluate(() => run(file(11 << 20), { route: 'large' }));
  check(one.result && await stored(one.result.key, 'large') === one.digest, `the module that the service offers: ${JSON.stringify(one.error ?? one.result.key)}`);
  check(page.workers()[0]?.url().startsWith('blob:'), 'has a worker too');

});
await close();
