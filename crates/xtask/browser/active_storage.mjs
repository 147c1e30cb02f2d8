// usage: active_storage.mjs API PORT STORE BUCKET MANUAL, with ACCESS_TOKEN or TOKEN_URL, and CLIENT, the folder of the client's packages
// The unmodified `@rails/activestorage` on a page of PORT, to `upsign serve` or `upsign dev`: what it stores, what it shows, and the examples of the
// manual as printed.
import { bundle } from './bundle.mjs';
import { check, network, withPage } from './chromium.mjs';
import { serve } from './client_server.mjs';
import { accessToken, bytesOf, defineFiles, examples, sha256, storedIn } from './foreign_library.mjs';

const [api, port, store, bucket, manual] = process.argv.slice(2);
const origin = `http://127.0.0.1:${port}`;
const stored = storedIn(store, bucket);
const token = await accessToken('ACCESS_TOKEN', 'alice');
const MIB = 1 << 20;

/** What an application has around the examples. `uploaded` receives the attributes of each blob. */
const page = `
import * as ActiveStorage from '@rails/activestorage';
window.ActiveStorage = ActiveStorage;
window.uploadWith = (file, query, delegate = {}, headers = { Authorization: 'Bearer ${token}' }) => new Promise((resolve) => {
  const url = '${api}/rails/active_storage/direct_uploads' + query;
  const upload = new ActiveStorage.DirectUpload(file, url, delegate, headers);
  upload.create((error, blob) => resolve({ error: error && String(error), blob }));
});
`;

/** The examples, with the addresses of this run and what an application has. */
const here = (code) => code.replaceAll('https://api.example.com', api);
const printed = examples(manual);
const prelude = `const session = { accessToken: () => ${JSON.stringify(token)} };
const file = new File(['example'], 'example.bin', { type: 'application/octet-stream' });
const show = (error) => { window.sent = String(error); };
const send = (id) => { window.sent = id; };
`;
const scripts = {};
for (const [place, { kind, code }] of printed.entries()) {
  if (kind !== 'js') continue;
  const imports = code.match(/^import .*$/gm)?.join('\n') ?? '';
  scripts[`/${place}.js`] = (await bundle(`${imports}\n${prelude}\n${here(code).replace(/^import .*$/gm, '')}`)).script;
}
const html = printed.find(({ kind }) => kind === 'html')?.code ?? '';
const pages = {
  '/active_storage.js': { text: (await bundle(page)).script, type: 'text/javascript' },
  '/library': { text: '<!doctype html><html lang="en"><title>page</title><script type="module" src="/active_storage.js"></script><body></body></html>' },
  '/form': { text: `<!doctype html><html lang="en"><title>form</title><meta name="csrf-token" content="from the page"><body>${here(html)}</body></html>` },
};
for (const [path, text] of Object.entries(scripts)) pages[path] = { text, type: 'text/javascript' };
const close = await serve(Number(port), '.', pages);

await withPage(async (tab) => {
  const net = await network(tab);
  await tab.goto(`${origin}/library`);
  await tab.waitForFunction(() => window.ActiveStorage);
  await tab.evaluate(defineFiles);
  const cdp = await tab.context().newCDPSession(tab);
  await cdp.send('Network.enable');
  const throttle = (uploadThroughput) => cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput });

  // A file is stored with exactly what was signed.
  await throttle(4 * MIB);
  const uploaded = await tab.evaluate(async (size) => {
    const progress = [];
    const delegate = { directUploadWillStoreFileWithXHR: (xhr) => xhr.upload.addEventListener('progress', ({ loaded, total }) => progress.push([loaded, total])) };
    return { ...await uploadWith(file(size, 'photo.jpg', 'image/jpeg'), '', delegate), progress };
  }, 6 * MIB);
  await throttle(-1);
  const { blob, progress } = uploaded;
  check(!uploaded.error && blob.key.startsWith('blobs/') && blob.filename === 'photo.jpg', `a blob: ${uploaded.error ?? blob.key}`);
  check(progress.length > 3 && progress.at(-1)[0] === 6 * MIB, `progress ends at the size, in ${progress.length} steps`);
  const object = stored().objects[blob.key];
  check(object?.sha256 === sha256(bytesOf(6 * MIB)) && object.type === 'image/jpeg', `the store has the bytes as ${object?.type}`);
  const preflights = net.all().filter(({ method, url }) => method === 'OPTIONS' && url.startsWith(api));
  check(preflights.length > 0 && preflights.every(({ status }) => status === 204), 'the API admits the headers of the client');

  // The id is exchanged for a receipt.
  const confirm = (signedId, bearer = token) => fetch(`${api}/uploads/confirm`, { method: 'POST', headers: { Authorization: `Bearer ${bearer}`, 'Content-Type': 'application/json' }, body: JSON.stringify({ uploadToken: signedId }) }).then((answer) => answer.json());
  const confirmed = await confirm(blob.signed_id);
  check(confirmed.state === 'confirmed' && confirmed.key === blob.key && confirmed.receipt, `the application confirms signed_id: ${confirmed.state ?? confirmed.code}`);
  const changed = blob.signed_id.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
  check((await confirm(changed)).code === 'upload-token-invalid', 'a changed signed_id is refused');

  // Several files at the same time.
  const several = await tab.evaluate(async () => Promise.all([1, 2, 3].map((n) => uploadWith(file(n * 70_000, `${n}.bin`), ''))));
  const objects = stored().objects;
  check(several.every(({ blob: { key } }, place) => objects[key].sha256 === sha256(bytesOf((place + 1) * 70_000))), 'three files at the same time have keys and bytes of their own');

  // Refusals. The client shows the status; a page that listens has the problem document.
  const refused = await tab.evaluate(async () => {
    let xhr;
    const answer = await uploadWith(file(10, 'a.html', 'text/html'), '', { directUploadWillCreateBlobWithXHR: (it) => { xhr = it; } });
    return { ...answer, problem: xhr.response };
  });
  check(refused.error === 'Error creating Blob for "a.html". Status: 415' && refused.problem.code === 'content-type-not-allowed', `a wrong type: ${refused.error}, ${refused.problem.detail}`);
  for (const [size, query, headers, status] of [[0, '', undefined, 400], [21 * MIB, '', undefined, 413], [10, '?route=plain', undefined, 400], [10, '?route=none', undefined, 400], [10, '', { Authorization: 'Bearer none' }, 401]]) {
    const { error } = await tab.evaluate(([size, query, headers]) => uploadWith(file(size), query, {}, headers), [size, query, headers]);
    check(error.endsWith(`Status: ${status}`), `${query || `${size} bytes`}: ${error}`);
  }

  // Bytes that are not those of the checksum are refused by the store.
  const damaged = await tab.evaluate(async () => {
    const one = file(1000);
    // The checksum calls `slice` of the prototype, and the upload that of the file.
    one.slice = () => new Blob([new Uint8Array(1000)]);
    return uploadWith(one, '');
  });
  check(/^Error storing "a.bin". Status: 4\d\d$/.test(damaged.error), `other bytes than those of the MD5: ${damaged.error}`);

  // The client repeats nothing. A URL that has expired is an error, and the next upload has another one.
  const late = await tab.evaluate(async () => {
    let wait = Promise.resolve();
    const create = XMLHttpRequest.prototype.send;
    XMLHttpRequest.prototype.send = function send(body) {
      if (!(body instanceof Blob)) { create.call(this, body); return; }
      wait = wait.then(() => new Promise((resolve) => { setTimeout(resolve, 4000); })).then(() => create.call(this, body));
    };
    const answer = await uploadWith(file(10), '?route=brief');
    XMLHttpRequest.prototype.send = create;
    return { late: answer.error, again: await uploadWith(file(10), '?route=brief') };
  });
  check(late.late === 'Error storing "a.bin". Status: 403' && !late.again.error, `an expired URL: ${late.late}; then ${late.again.blob?.key}`);

  // Abort: the page aborts the request of the store.
  await throttle(4 * MIB);
  const aborted = await tab.evaluate(() => {
    let key;
    const result = uploadWith(file(15 << 20), '', {
      directUploadWillStoreFileWithXHR: (xhr) => {
        xhr.addEventListener('abort', () => { key = 'aborted'; });
        xhr.upload.addEventListener('progress', () => xhr.abort(), { once: true });
      },
    });
    return Promise.race([result, new Promise((resolve) => { setTimeout(() => resolve({ aborted: key }), 3000); })]);
  });
  await throttle(-1);
  check(aborted.aborted === 'aborted' && !Object.values(stored().objects).some(({ size }) => size === 15 << 20), 'an aborted request leaves nothing');

  // The examples of the manual.
  for (const [place, { title, code }] of printed.entries()) {
    if (!scripts[`/${place}.js`]) continue;
    await tab.goto(`${origin}/form`);
    await tab.addScriptTag({ url: `/${place}.js`, type: 'module' });
    if (code.includes('ActiveStorage.start()')) {
      const file = { name: 'form.bin', mimeType: 'application/octet-stream', buffer: Buffer.from('a form') };
      await tab.locator('input[type=file]').setInputFiles(file);
      // The page stays: another navigation would interrupt that to the next example.
      await tab.route((url) => url.origin === origin, (route) => (route.request().method() === 'POST' ? route.fulfill({ status: 204 }) : route.continue()));
      const submitted = tab.waitForRequest((request) => request.method() === 'POST' && request.url().startsWith(origin), { timeout: 60_000 });
      await tab.locator('form [type=submit]').click();
      const [[name, id]] = [...new URLSearchParams((await submitted).postData())];
      check((await confirm(id)).state === 'confirmed', `${title}: as printed, the form is submitted with ${name}, which the application confirms`);
      await tab.unrouteAll();
    } else {
      await tab.waitForFunction(() => window.sent !== undefined, undefined, { timeout: 60_000 });
      check((await confirm(await tab.evaluate(() => window.sent))).state === 'confirmed', `${title}: as printed`);
    }
  }
  check(printed.length >= 3, `the manual has ${printed.length} examples`);
});
await close();
