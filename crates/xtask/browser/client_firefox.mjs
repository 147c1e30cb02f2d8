// usage: client_firefox.mjs API TOKEN PORT PACKAGE
// The browser client in Firefox: one request, a form, parts, checksums, refusals, an abort, and what continues after a reload.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { check } from './chromium.mjs';
import { ends, failing, isMonotone, library, storedIn } from './client_library.mjs';
import { serve } from './client_server.mjs';

const [api, tokenUrl, port, folder] = process.argv.slice(2);
const require = createRequire(path.join(process.env.NODE_PATH, 'any.js'));
const puppeteer = await import(require.resolve('puppeteer-core'));
const stored = storedIn(api, tokenUrl);
const changing = path.join(os.tmpdir(), `upsign-changing-${process.pid}.bin`);
const fill = (byte) => fs.writeFileSync(changing, Buffer.alloc(11 << 20, byte));
fill(1);
// Firefox remembers modules that could not be loaded until the page is loaded again.
const modules = { '/package/multipart.js': failing(2), '/package/after.js': failing(1), '/package/refused.js': failing(1) };
const close = await serve(Number(port), folder, { ...modules, '/overwrite': { get text() { fill(2); return ''; } } });
const browser = await puppeteer.launch({ browser: 'firefox', executablePath: process.env.FIREFOX, headless: true });
try {
  const page = await browser.newPage();
  const open = async () => {
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.evaluate(library, { api, tokenUrl, module: '/package/upsign.js' });
  };
  await open();
  console.log(`   ${await page.evaluate(() => navigator.userAgent)}`);
  let one = await page.evaluate(() => run(file(70_000, 'a.jpg', 'image/jpeg'), { checksum: 'crc64nvme' }));
  check(one.result?.articleId && await stored(one.result.key) === one.digest && ends(one, 70_000), `one request, with a checksum: ${JSON.stringify(one.error ?? one.result.checksum)}`);
  one = await page.evaluate(() => run(jpeg(90_000), { route: 'form' }));
  check(one.result && await stored(one.result.key, 'form') === one.digest, `a form: ${JSON.stringify(one.error ?? one.result.key)}`);
  one = await page.evaluate(() => run(new File(['hello'], 'a.txt', { type: 'text/plain' })));
  check(one.error?.name === 'ApiError' && one.error.status === 415, `a wrong type is refused: ${one.error?.code}`);
  one = await page.evaluate(() => run(file((11 << 20) + 1), { route: 'large' }));
  check(one.result?.checksum?.crc64nvme && await stored(one.result.key, 'large') === one.digest && isMonotone(one.progress), `three parts with a checksum of the whole: ${JSON.stringify(one.error ?? one.result.checksum)}`);
  one = await page.evaluate(() => {
    const abort = new AbortController();
    return run(file(5 << 20, 'a.jpg', 'image/jpeg'), { signal: abort.signal, onProgress: ({ state }) => state === 'sending' && abort.abort() });
  });
  check(one.error?.name === 'AbortError', `an aborted upload rejects with ${one.error?.name}`);
  // The page goes away after the first part.
  await page.evaluate(async () => {
    const folder = await navigator.storage.getDirectory();
    const handle = await folder.getFileHandle('large.bin', { create: true });
    const writer = await handle.createWritable();
    await writer.write(file(11 << 20));
    await writer.close();
    await new Promise((resolve) => {
      // The promise of `token` never settles again, so that no URL is requested for the second part.
      let stopped = false;
      const stuck = async () => (stopped ? new Promise(() => {}) : token());
      run(handle, { route: 'large', partsAtOnce: 1, token: stuck, onPart: ({ state }) => { if (state === 'done') { stopped = true; resolve(); } } });
    });
  });
  await open();
  const left = await page.evaluate(async () => (await client.interrupted()).map(({ name, size, loaded, key }) => ({ name, size, loaded, key })));
  check(left.length === 1 && left[0].loaded === 5 << 20, `after a reload, the upload is known: ${JSON.stringify(left)}`);
  one = await page.evaluate(async () => {
    const [first] = await client.interrupted();
    const folder = await navigator.storage.getDirectory();
    const chosen = await first.handle() ?? await folder.getFileHandle('large.bin');
    const kept = Boolean(await first.handle());
    return { kept, ...await run(chosen, { route: 'large' }) };
  });
  check(one.result?.key === left[0].key && await stored(one.result.key, 'large') === one.digest, `and continued (the handle was ${one.kept ? '' : 'not '}kept): ${JSON.stringify(one.error ?? one.result.key)}`);
  one = await page.evaluate(() => run(new File(['<script>'], 'a.jpg', { type: 'image/jpeg' }), { route: 'avatars' }));
  check(one.error?.code === 'confirm-rejected', `modules that failed at first were loaded again: ${one.error?.code}`);
  // A file that is overwritten on disk during its upload: Firefox reads the new bytes, and reports nothing.
  await page.evaluate(() => { document.body.innerHTML = '<input type="file">'; });
  await (await page.$('input')).uploadFile(changing);
  one = await page.evaluate(() => {
    const onPart = ({ state, number }) => {
      if (number !== 1 || state !== 'done') return;
      // Before the next part is read.
      const write = new XMLHttpRequest();
      write.open('GET', '/overwrite', false);
      write.send();
    };
    return client.upload(document.querySelector('input').files[0], { ...options, route: 'large', partsAtOnce: 1, onPart }).then(({ key }) => ({ key }), describe);
  });
  check(one.code === 'changed', `a file that changes during its upload is not completed: ${JSON.stringify(one)}`);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await browser.close();
  await close();
  fs.rmSync(changing);
}
