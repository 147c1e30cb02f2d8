// usage: better_upload.mjs API PORT STORE BUCKET MANUAL, with ACCESS_TOKEN or TOKEN_URL, and CLIENT, the folder of the client's packages
// The unmodified client of better-upload on a page of PORT, to `upsign serve` or `upsign dev`: what it stores, how it fails, and the examples of the
// manual as printed. PACKAGES is the name of the folder: version 3 runs all of it, and version 2 what it can do.
import { bundle } from './bundle.mjs';
import { check, network, withPage } from './chromium.mjs';
import { serve } from './client_server.mjs';
import { accessToken, bytesOf, defineFiles, examples, sha256, storedIn } from './foreign_library.mjs';

const [api, port, store, bucket, manual] = process.argv.slice(2);
const origin = `http://127.0.0.1:${port}`;
const stored = storedIn(store, bucket);
const token = await accessToken('ACCESS_TOKEN', 'alice');
const isOlder = process.env.PACKAGES === 'better-upload-2';
const MIB = 1 << 20;

/** Defines, in the page, a function that uploads and returns all that the client says. */
const page = `
import * as client from '${isOlder ? 'better-upload/client' : '@better-upload/client'}';
window.client = client;
window.run = async (files, options = {}) => {
  const states = [];
  const onFileStateChange = ({ file }) => states.push({ status: file.status, progress: file.progress, type: file.error?.type });
  const shared = { api: '${api}/better-upload', headers: { Authorization: 'Bearer ${token}' }, onFileStateChange };
  const plain = (file) => ({ key: file.objectInfo.key, name: file.name, status: file.status, type: file.error?.type });
  try {
    const { files: done, failedFiles, metadata } = await client.uploadFiles({ ...shared, files, ...options });
    return { done: done.map(plain), failed: failedFiles.map(plain), metadata, states };
  } catch ({ type, message }) {
    return { error: { type, message }, states };
  }
};
`;
const printed = examples(manual).filter(({ kind }) => kind !== 'html');
const prelude = `const session = { accessToken: () => ${JSON.stringify(token)} };
const input = { files: [1, 2].map((n) => new File(['photo ' + n], n + '.jpg', { type: 'image/jpeg' })) };
const show = (text) => { window.shown = text; };
`;
const mount = `import { createRoot } from 'react-dom/client';
createRoot(document.body).render(<Video token={${JSON.stringify(token)}} />);
`;
const pages = {
  '/better_upload.js': { text: (await bundle(page)).script, type: 'text/javascript' },
  '/': { text: '<!doctype html><html lang="en"><title>page</title><script type="module" src="/better_upload.js"></script><body></body></html>' },
  '/empty': { text: '<!doctype html><html lang="en"><title>page</title><body></body></html>' },
};
for (const [place, { kind, code }] of isOlder ? [] : printed.entries()) {
  const here = code.replaceAll('https://api.example.com', api).replace("route: 'videos'", "route: 'large'");
  const imports = here.match(/^import .*$/gm).join('\n');
  const rest = here.replace(/^import .*$/gm, '');
  const whole = kind === 'jsx' ? `${imports}\n${mount}\n${rest}` : `${imports}\n${prelude}\n${rest}`;
  pages[`/${place}.js`] = { text: (await bundle(whole, kind)).script, type: 'text/javascript' };
}
const close = await serve(Number(port), '.', pages);

await withPage(async (tab) => {
  const net = await network(tab);
  const cdp = await tab.context().newCDPSession(tab);
  await cdp.send('Network.enable');
  const throttle = (uploadThroughput) => cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput });
  await tab.goto(origin);
  await tab.waitForFunction(() => window.client);
  await tab.evaluate(defineFiles);
  const isMonotone = (states) => states.every(({ progress }, place) => progress >= (states[place - 1]?.progress ?? 0));
  const same = (key, size) => stored().objects[key]?.sha256 === sha256(bytesOf(size));

  if (isOlder) {
    // Version 2 has other members for the key, and sends no further headers.
    const older = (size, route) => tab.evaluate(async ([size, route, api, token]) => {
      const { file: { objectKey } } = await client.uploadFile({ api: `${api}/better-upload`, route, file: file(size), headers: { Authorization: `Bearer ${token}` } });
      return objectKey;
    }, [size, route, api, token]);
    const [small, large] = [await older(70_000, 'older'), await older(12 * MIB + 1, 'large')];
    check(same(small, 70_000), `version 2 stores a file: ${small}`);
    check(same(large, 12 * MIB + 1) && stored().uploads.length === 0, `and one in parts: ${large}`);
    return;
  }

  // One request: bytes, headers and progress.
  await throttle(4 * MIB);
  let all = await tab.evaluate((size) => run([file(size, 'a photo.jpg', 'image/jpeg')], { metadata: { title: 'Sunrise' } }), 6 * MIB);
  await throttle(-1);
  const [{ key } = {}] = all.done ?? [];
  const object = stored().objects[key];
  check(object?.sha256 === sha256(bytesOf(6 * MIB)) && object.type === 'image/jpeg', `a file: ${JSON.stringify(all.error ?? key)}`);
  check(object.cacheControl === 'public, max-age=31536000, immutable' && object.metadata.app === 'gallery' && object.metadata.title === 'Sunrise', `with caching and metadata: ${JSON.stringify(object.metadata)}`);
  check(isMonotone(all.states) && all.states.length > 6 && all.states.at(-1).progress === 1, `progress has ${all.states.length} steps`);
  const [upload] = all.metadata.uploads;
  check(upload.key === key && /^[0-9a-f-]{36}$/.test(upload.articleId), 'the page receives key and ids');

  // Several files, one of them in parts.
  all = await tab.evaluate(([small, large]) => run([file(small, 'a.bin'), file(large, 'b.bin'), file(small, 'c.bin')], { route: 'large' }), [70_000, 12 * MIB + 1]);
  check(all.done?.length === 3 && all.done.every(({ key, name }) => same(key, name === 'b.bin' ? 12 * MIB + 1 : 70_000)), `three files, one in parts: ${JSON.stringify(all.error ?? all.failed)}`);
  check(stored().uploads.length === 0, 'no upload in parts is open');
  await tab.waitForTimeout(200); // for the events of the last answer
  const ended = net.all().filter(({ method, url }) => method === 'POST' && url.includes('/better-upload/multipart'));
  check(ended.length === 1 && ended[0].status === 200, `the upload in parts was completed at the service: ${ended.map(({ status }) => status)}`);
  const preflights = net.all().filter(({ method }) => method === 'OPTIONS');
  check(preflights.length > 4 && preflights.every(({ status }) => status < 300), `${preflights.length} preflights are admitted`);

  // A confirmed route: the token is in the metadata.
  all = await tab.evaluate(() => run([file(1000)], { route: 'vault' }));
  const body = JSON.stringify({ uploadToken: all.metadata.uploads[0].uploadToken });
  const confirmed = await (await fetch(`${api}/uploads/confirm`, { method: 'POST', headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }, body })).json();
  check(confirmed.state === 'confirmed' && confirmed.key === all.done[0].key, 'the upload token confirms the upload');

  // Refusals have better-upload's types and our texts.
  for (const [make, options, type] of [
    [() => [file(10, 'a.txt', 'text/plain')], {}, 'invalid_file_type'],
    [() => [file(11 << 20, 'a.jpg', 'image/jpeg')], {}, 'file_too_large'],
    [() => [1, 2, 3, 4].map((n) => file(n, `${n}.jpg`, 'image/jpeg')), {}, 'too_many_files'],
    [() => [file(10, 'a.unknown', '')], { route: 'large' }, 'invalid_request'],
    [() => [file(10, 'a.jpg', 'image/jpg')], {}, 'invalid_request'],
    [() => [file(10), file(10)], { route: 'large' }, 'invalid_request'],
    [() => [file(10)], { route: 'checked' }, 'invalid_request'],
    [() => [file(10)], { route: 'none' }, 'rejected'],
    [() => [file(10, 'a.jpg', 'image/jpeg')], { headers: {} }, 'rejected'],
  ]) {
    const { error } = await tab.evaluate(`run((${make})(), ${JSON.stringify(options)})`);
    check(error?.type === type && error.message.length > 20, `${error?.type}: ${error?.message}`);
  }

  // A lost connection is repeated with the same URL.
  let lost = 0;
  const isPut = (route) => route.request().method() === 'PUT';
  await tab.route((url) => url.origin === store, (route) => (isPut(route) && lost++ === 0 ? route.abort('connectionreset') : route.continue()));
  all = await tab.evaluate(() => run([file(70_000)], { route: 'large', retry: 2, retryDelay: 10 }));
  check(lost === 2 && same(all.done?.[0]?.key, 70_000), 'after a lost connection, the client repeats the request');
  lost = 0;
  all = await tab.evaluate((size) => run([file(size)], { route: 'large', retry: 2, retryDelay: 10 }), 12 * MIB + 1);
  check(lost === 4 && same(all.done?.[0]?.key, 12 * MIB + 1), 'and so for a part');
  await tab.unrouteAll({ behavior: 'wait' });

  // Expired URLs: the client knows no others, and aborts an upload in parts. The next upload has new ones.
  await tab.route((url) => url.origin === store, async (route) => {
    if (isPut(route)) await new Promise((resolve) => { setTimeout(resolve, 4000); });
    await route.continue();
  });
  for (const size of [1000, 12 * MIB + 1]) {
    all = await tab.evaluate((size) => run([file(size)], { route: 'brief', retry: 1, retryDelay: 10 }), size);
    check(all.failed?.[0]?.type === 's3_upload' && stored().uploads.length === 0, `${size} bytes with expired URLs: ${all.failed?.[0]?.type}, and nothing is left`);
  }
  await tab.unrouteAll({ behavior: 'wait' });
  all = await tab.evaluate((size) => run([file(size)], { route: 'brief' }), 6 * MIB);
  check(same(all.done?.[0]?.key, 6 * MIB), 'the next upload succeeds');

  // Abort: nothing is left at the store.
  const before = Object.keys(stored().objects).length;
  await throttle(4 * MIB);
  for (const size of [4 * MIB, 20 * MIB]) {
    all = await tab.evaluate((size) => {
      const controller = new AbortController();
      const onFileStateChange = ({ file: { progress } }) => progress > 0 && controller.abort();
      return run([file(size)], { route: 'large', signal: controller.signal, onFileStateChange });
    }, size);
    check(all.failed?.[0]?.type === 'aborted', `an upload of ${size} bytes is aborted: ${JSON.stringify(all.error ?? all.failed)}`);
  }
  await throttle(-1);
  const left = stored();
  check(left.uploads.length === 0 && Object.keys(left.objects).length === before, 'and nothing is left');

  // The examples of the manual.
  for (const [place, { title, kind }] of printed.entries()) {
    await tab.goto(`${origin}/empty`);
    await tab.addScriptTag({ url: `/${place}.js`, type: 'module' });
    if (kind === 'jsx') {
      await tab.locator('input[type=file]').setInputFiles({ name: 'a.bin', mimeType: 'application/octet-stream', buffer: Buffer.from(bytesOf(6 * MIB)) });
      await tab.getByText('100 %').waitFor({ timeout: 60_000 });
      check(Object.values(stored().objects).filter(({ sha256: digest }) => digest === sha256(bytesOf(6 * MIB))).length >= 3, `${title}: as printed`);
    } else {
      await tab.waitForFunction(() => window.shown !== undefined, undefined, { timeout: 60_000 });
      const shown = (await tab.evaluate(() => window.shown)).split(',');
      check(shown.every((key) => stored().objects[key]?.type === 'image/jpeg'), `${title}: as printed: ${shown.length} of ${shown[0].split('/')[0]}`);
    }
  }
  check(printed.length === 3, `the manual has ${printed.length} examples`);
});
await close();
