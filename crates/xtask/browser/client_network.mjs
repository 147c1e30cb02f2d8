// usage: client_network.mjs API TOKEN PORT PACKAGE
// The browser client where the network, the modules, the worker or the calls of the page fail, and what it remembers of uploads.
import { check, withPage } from './chromium.mjs';
import { answer, failing, library, plan, storedIn } from './client_library.mjs';
import { serve } from './client_server.mjs';

const [api, tokenUrl, port, folder] = process.argv.slice(2);
const close = await serve(Number(port), folder, { '/package/multipart.js': failing(1), '/package/after.js': failing(3), '/package/refused.js': failing(1) });
const stored = storedIn(api, tokenUrl);
const isPart = (url) => url.searchParams.has('partNumber');
const isCall = (path) => (url) => url.pathname === path;
const show = JSON.stringify;

await withPage(async (page) => {
  const problems = [];
  page.on('pageerror', ({ message }) => problems.push(message));
  const open = async () => {
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.evaluate(library, { api, tokenUrl, module: '/package/upsign.js' });
  };
  const kept = (filter) => page.evaluate(async (filter) => (await client.interrupted(filter)).length, filter);
  const paused = (options, name = 'a.bin') => page.evaluate(async ({ options, name }) => {
    const abort = new AbortController();
    const onPart = ({ state }) => state === 'done' && abort.abort(client.paused());
    return (await run(file(11 << 20, name), { partsAtOnce: 1, ...options, signal: abort.signal, onPart })).error?.name;
  }, { options, name });
  await open();

  // Modules that cannot be loaded at first.
  let one = await page.evaluate(() => run(file(11 << 20), { route: 'large' }));
  check(one.result && await stored(one.result.key, 'large') === one.digest, `a module that fails once is loaded again: ${show(one.error ?? one.result.key)}`);
  one = await page.evaluate(() => run(new File(['<script>'], 'a.jpg', { type: 'image/jpeg' }), { route: 'avatars' }));
  check(one.error?.code === 'confirm-rejected', `so is that of the confirmation, three times: ${one.error?.code}`);
  one = await page.evaluate(() => run(new File(['x'], 'a.txt', { type: 'text/plain' })));
  check(one.error?.name === 'ApiError' && one.error.code === 'content-type-not-allowed', `and that of refusals: ${one.error?.code}`);
  await page.route(isCall('/package/several.js'), (route) => route.abort('connectionreset'));
  await page.route(isCall('/package/whole.js'), (route) => route.abort('connectionreset'));
  one = await page.evaluate(() => run(file(10, 'a.jpg', 'image/jpeg'), { checksum: 'sha256', retries: 1 }));
  check(one.error?.name === 'NetworkError' && one.error.isRetryable && one.error.message.includes('whole.js'), `one that never comes is a NetworkError: ${one.error?.message}`);
  await page.unrouteAll();
  one = await page.evaluate(() => run(file(10, 'a.jpg', 'image/jpeg'), { checksum: 'sha256' }));
  check(one.result?.checksum.sha256, 'and the next call loads it');

  // Offline for longer than all attempts take.
  const sending = plan(page, isPart);
  const offline = page.evaluate(() => {
    let first = true;
    const onPart = ({ state }) => { if (first && state === 'done') { first = false; window.isHalf = true; } };
    return run(file(11 << 20), { route: 'large', partsAtOnce: 1, retries: 2, onPart });
  });
  await sending;
  await page.waitForFunction(() => window.isHalf);
  await page.unrouteAll();
  await page.context().setOffline(true);
  await new Promise((wait) => { setTimeout(wait, 5_000); });
  await page.context().setOffline(false);
  one = await offline;
  check(one.result && await stored(one.result.key, 'large') === one.digest, `an upload continues after 5 s without a network: ${show(one.error ?? one.result.key)}`);
  await page.context().setOffline(true);
  one = await page.evaluate(async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 500);
    const first = await client.upload(file(10, 'a.jpg', 'image/jpeg'), { ...options, token: () => 'token', signal: abort.signal }).catch(({ name }) => name);
    return [first, await client.upload(file(10, 'a.jpg', 'image/jpeg'), { ...options, token: () => 'token', retries: 0 }).catch(({ name }) => name)];
  });
  await page.context().setOffline(false);
  check(show(one) === '["AbortError","NetworkError"]', `without a network, an abort ends it, and without retries nothing is waited for: ${one}`);

  // Mistakes of the page.
  const calls = await plan(page, isCall('/upload-url'));
  one = await page.evaluate(() => Promise.all([
    client.upload(file(10, 'a.jpg', 'image/jpeg'), { ...options, token: () => 'zażółć' }).catch(({ name }) => name),
    client.upload(file(10, 'a.jpg', 'image/jpeg'), { ...options, token: () => { throw undefined; } }).catch((error) => String(error)),
  ]));
  check(show(one) === '["TypeError","undefined"]' && calls.count === 0, `a token that no header can have is no lost connection, and what token() throws arrives: ${one}`);
  await page.unrouteAll();
  await plan(page, isCall('/upload-url'), answer(403, 'Forbidden'));
  one = await page.evaluate(() => run(file(10, 'a.jpg', 'image/jpeg')));
  check(one.error?.message === 'service: 403 http-403', `a refusal without a reason: ${one.error?.message}`);
  await page.unrouteAll();
  one = await page.evaluate(async () => {
    const all = await client.uploadAll([jpeg(1_000)], { ...options, atOnce: 0 });
    return [all[0]?.status, Boolean((await run(file(11 << 20), { route: 'large', partsAtOnce: 0 })).result)];
  });
  check(show(one) === '["fulfilled",true]', `none at once is one at once: ${one}`);
  problems.length = 0;
  const fail = () => page.evaluate(() => {
    const fail = () => { throw new Error('of the page'); };
    return run(file(11 << 20), { route: 'large', onGrant: fail, onPart: fail, onProgress: fail, onSend: fail });
  });
  one = await fail();
  check(one.result && problems.length > 3 && problems.every((problem) => problem === 'of the page'), `functions of the page that throw are reported, and end nothing: ${show(one.error ?? one.result.key)}`);

  // Confirmations.
  const confirming = await plan(page, isCall('/uploads/confirm'));
  one = await page.evaluate(async () => [await run(file(11 << 20), { route: 'large' }), await run(file(11 << 20), { route: 'large', confirm: true })].map(({ error, result }) => error?.code ?? Boolean(result)));
  check(show(one) === '[true,"confirm-not-offered"]' && confirming.count === 0, `a route that confirms nothing is not asked, and cannot be made to: ${one}`);
  await page.unrouteAll();
  await plan(page, isCall('/uploads/confirm'), answer(404, { code: 'not-found' }));
  one = await page.evaluate(async () => [await run(jpeg(1_000), { route: 'avatars' }), await run(new File(['<script>'], 'a.jpg', { type: 'image/jpeg' }), { route: 'avatars' })].map(({ error }) => error?.code));
  check(show(one) === '["not-found","confirm-rejected"]', `a confirmation that is missing for a moment is an error, and the next upload is confirmed: ${one}`);
  await page.unrouteAll();

  // What is remembered.
  await paused({ route: 'large', owner: 'alice' });
  check(await kept() === 0 && await kept({ owner: 'bob' }) === 0 && await kept({ owner: 'alice' }) === 1, 'an upload of an owner is listed for this owner only');
  await paused({ route: 'large' });
  check(await kept() === 1 && await kept({ owner: 'alice' }) === 1, 'the same file of another user is another upload');
  check(await page.evaluate(async () => { await client.forgetAll(); return (await indexedDB.databases()).length; }) === 1 && await kept() === 0 && await kept({ owner: 'alice' }) === 0, 'all can be forgotten');
  await page.route(isPart, (route) => (/partNumber=[12]&/.test(route.request().url()) && route.request().method() === 'PUT' ? undefined : route.continue()));
  await page.evaluate(() => {
    const abort = new AbortController();
    return run(file(11 << 20), { route: 'large', signal: abort.signal, onPart: ({ state }) => state === 'done' && abort.abort(client.paused()) });
  });
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  one = await page.evaluate(async () => (await client.interrupted()).map(({ route, loaded }) => ({ route, loaded })));
  check(show(one) === '[{"route":"large","loaded":1048576}]', `the list has the route, and the last part as long as it is: ${show(one)}`);
  await page.evaluate(async () => {
    const { store } = await import('/package/state.js');
    for (const record of await store('uploads', 'getAll')) await store('uploads', 'put', { ...record, grant: { ...record.grant, expiresAt: '2020-01-01T00:00:00Z' } });
  });
  await paused({ route: 'movie' });
  one = await page.evaluate(async () => (await (await import('/package/state.js')).store('uploads', 'getAll')).map(({ route }) => route));
  check(show(one) === '["movie"]', `expired uploads are removed when another one is kept: ${one}`);
  await page.evaluate(() => client.forgetAll());

  // Parts.
  await plan(page, isPart, () => {});
  const next = page.waitForRequest((request) => request.url().endsWith('/uploads/parts') && request.postDataJSON().partNumbers[0] === 2);
  const abort = page.evaluateHandle(() => {
    const abort = new AbortController();
    run(file(11 << 20), { route: 'large', partsAtOnce: 1, signal: abort.signal });
    return abort;
  });
  check(await next, 'the next part is prepared while one is sent');
  await (await abort).evaluate((controller) => controller.abort());
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  one = await page.evaluate(async () => {
    const { Parts } = await import('/package/multipart.js');
    const [count, partSize] = [50_000, 10];
    const context = { file: { size: count * partSize }, options: {}, report: (sum) => { context.sum = sum; } };
    const kept = Array.from({ length: count }, (_, place) => ({ number: place + 1, etag: 'e' }));
    const began = performance.now();
    const parts = new Parts(context, { partSize, partCount: count }, undefined, kept);
    return { parts: parts.list().length, sum: context.sum, isFast: performance.now() - began < 2_000 };
  });
  check(show(one) === '{"parts":50000,"sum":500000,"isFast":true}', `many parts that are stored take no time: ${show(one)}`);

  // Checksums.
  const begun = await plan(page, isCall('/upload-url'));
  one = await page.evaluate(() => run(file(70_000), { route: 'checked' }));
  check(one.result?.checksum.sha256 && begun.count === 2, `the refusal names the algorithm: ${begun.count} calls`);
  await page.unrouteAll();
  one = await page.evaluate(async () => (await client.uploadAll([jpeg(1_000), jpeg(2_000)], { ...options, route: 'gallery', together: true })).map(({ value, reason }) => Boolean(value?.checksum?.sha256) || reason.code));
  check(show(one) === '[true,true]', `files that begin together have those that the service demands: ${one}`);
  one = await page.evaluate(async () => {
    const { checksum } = await import('/package/hash.js');
    const [digest, seen] = [crypto.subtle.digest, { now: 0, most: 0 }];
    crypto.subtle.digest = async function counted(...values) {
      seen.most = Math.max(seen.most, (seen.now += 1));
      try {
        return await digest.apply(crypto.subtle, values);
      } finally {
        seen.now -= 1;
      }
    };
    await Promise.all(Array.from({ length: 4 }, () => checksum(file(5 << 20), 'sha256')));
    crypto.subtle.digest = digest;
    return seen.most;
  });
  check(one === 1, 'digests are computed one after another');
  // A worker that ends without an error. The page looks after it each five seconds.
  await page.addInitScript(() => {
    const [Original, interval] = [Worker, setInterval];
    window.workers = [];
    window.Worker = class extends Original { constructor(...values) { super(...values); window.workers.push(this); } };
    window.setInterval = (call, pause) => interval(call, pause / 20);
  });
  await open();
  one = await page.evaluate(async () => {
    await run(file(10, 'a.jpg', 'image/jpeg'), { checksum: 'crc64nvme' });
    workers[0].terminate();
    return run(file(70_000, 'a.jpg', 'image/jpeg'), { checksum: 'crc64nvme' });
  });
  check(one.result?.checksum.crc64nvme, `a worker that the browser has ended: ${show(one.error ?? one.result.checksum)}`);
});
await close();
