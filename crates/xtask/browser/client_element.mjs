// usage: client_element.mjs API TOKEN PORT PACKAGE PHOTO
// The web component in forms, in pages that move it, and with folders, handles, words and options of the page.
import fs from 'node:fs';
import { check, withPage } from './chromium.mjs';
import { answer } from './client_library.mjs';
import { serve } from './client_server.mjs';

const [api, tokenUrl, port, folder, photo] = process.argv.slice(2);
const text = `<!doctype html><html lang="en"><title>page</title><body><main><form id="form"><upsign-upload endpoint="${api}" name="key" required></upsign-upload><button>Send</button></form><div id="other"></div></main>
<script type="module" src="/page.js"></script></body></html>`;
const script = `import '/package/element.js';
const element = document.querySelector('upsign-upload');
element.token = async () => (await (await fetch('${tokenUrl}')).text()).trim();
Object.assign(window, { element, form: document.getElementById('form'), seen: [], added: [] });
new MutationObserver((changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach((node) => added.push(node.textContent)))).observe(element.shadowRoot.querySelector('[role=log]'), { childList: true });
for (const name of ['upsign-uploaded', 'upsign-error', 'upsign-progress']) document.addEventListener(name, ({ type, detail }) => seen.push({ type, name: detail.file?.name, size: detail.file?.size, code: detail.error?.code }));`;
const close = await serve(Number(port), folder, { '/element': { text }, '/page.js': { text: script, type: 'text/javascript' } });
const file = (name, mimeType = 'image/jpeg') => ({ name, mimeType, buffer: fs.readFileSync(photo) });
const isStore = (url) => url.searchParams.has('X-Amz-Signature');
const show = JSON.stringify;

await withPage(async (page) => {
  const problems = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  const element = page.locator('upsign-upload');
  const status = (place) => element.locator('li').nth(place).locator('[part=status]');
  const choose = (...files) => element.locator('input').setInputFiles(files);
  const valid = () => page.evaluate(() => [element.checkValidity(), form.checkValidity(), new FormData(form).getAll('key').length].join());
  const open = async () => {
    await page.goto(`http://127.0.0.1:${port}/element`);
    await page.waitForFunction(() => window.element);
  };
  await open();

  // Forms.
  check(await valid() === 'false,false,0', 'a form with a required element needs a file');
  await page.route(isStore, () => {});
  await choose(file('a.jpg'));
  await page.waitForRequest((request) => isStore(new URL(request.url())));
  check(await valid() === 'false,false,0' && await page.evaluate(() => element.validity.customError), 'and is not sent while an upload runs');
  await page.unroute(isStore);
  await choose(file('b.jpg'));
  await status(0).getByText('Uploaded').waitFor();
  check(await valid() === 'true,true,1' && await element.locator('li').count() === 1, 'another file replaces the first, of which the upload is aborted');
  await choose(file('c.jpg'));
  await status(0).getByText('Uploaded').waitFor();
  check(await valid() === 'true,true,1' && await element.locator('[part=name]').textContent() === 'c.jpg', 'also when that is stored');
  await page.evaluate(() => form.reset());
  check(await valid() === 'false,false,0' && await page.evaluate(() => element.uploaded.length) === 0, 'a reset removes it');
  await page.evaluate(() => { element.toggleAttribute('multiple', true); });
  await choose(file('d.jpg'), file('e.jpg'));
  await status(1).getByText('Uploaded').waitFor();
  await status(0).getByText('Uploaded').waitFor();
  check(await valid() === 'true,true,2', 'several files are several keys');
  await element.getByRole('button', { name: 'Remove: d.jpg' }).press('Enter');
  check(await valid() === 'true,true,1' && await page.evaluate(() => element.shadowRoot.activeElement?.textContent.startsWith('e.jpg')), 'one can be removed, and the focus is on the next');
  await element.getByRole('button', { name: 'Remove: e.jpg' }).click();
  check(await page.evaluate(() => element.shadowRoot.activeElement?.type) === 'file', 'after the last one, it is on the button');

  // Announcements, and the words of errors.
  await page.evaluate(() => { added.length = 0; });
  await choose(file('1.txt', 'text/plain'), file('2.txt', 'text/plain'), file('3.txt', 'text/plain'));
  await page.waitForFunction(() => added.length === 3);
  check(await page.evaluate(() => added.every((line) => line.endsWith('Failed: this type of file is not accepted'))), `each end is announced: ${await page.evaluate(() => added.join('; '))}`);
  await page.evaluate(() => { form.reset(); element.words = { failed: 'Nie udało się', network: 'brak połączenia', 'rate-limited': 'za szybko' }; element.options = { retries: 0 }; });
  await page.route((url) => url.pathname === '/upload-url', (route) => route.abort('connectionreset'));
  await choose(file('a.jpg'));
  await status(0).getByText('Nie udało się: brak połączenia').waitFor();
  await page.unrouteAll();
  await page.route((url) => url.pathname === '/upload-url', answer(400, { code: 'odd', detail: 'Something for people.' }));
  await choose(file('b.jpg'));
  await status(1).getByText('Nie udało się: Something for people.').waitFor();
  await page.unrouteAll();
  check(true, 'errors have the words of the page by their code, or the detail of the service');

  // Options of the page, and pages that move the element.
  await open();
  await page.route(isStore, () => {});
  await page.evaluate(() => {
    window.controller = new AbortController();
    element.options = { signal: controller.signal, onProgress: ({ state }) => { window.state = state; } };
  });
  await choose(file('a.jpg'));
  await page.waitForRequest((request) => isStore(new URL(request.url())));
  await page.evaluate(() => document.getElementById('other').append(element));
  await new Promise((wait) => { setTimeout(wait, 200); });
  check(await page.evaluate(() => state) === 'preparing' && !/Cancelled/.test(await status(0).textContent()), `a moved element goes on: ${await status(0).textContent()}`);
  await page.evaluate(() => controller.abort());
  await status(0).getByText('Cancelled').waitFor();
  await page.evaluate(() => { element.options = {}; });
  await choose(file('b.jpg'));
  const gone = page.waitForEvent('requestfailed', (request) => isStore(new URL(request.url())));
  await page.waitForRequest((request) => isStore(new URL(request.url())));
  await page.evaluate(() => element.remove());
  await gone;
  check(true, 'the signal of its options aborts, and so does its removal');
  await page.unrouteAll({ behavior: 'ignoreErrors' });

  // What is dropped and pasted.
  await open();
  const dropped = await page.evaluate(async () => {
    element.toggleAttribute('multiple', true);
    const folder = await navigator.storage.getDirectory();
    const handle = await folder.getFileHandle('h.jpg', { create: true });
    const writer = await handle.createWritable();
    await writer.write(new Uint8Array(100));
    await writer.close();
    element.add([handle]);
    const items = [
      { kind: 'file', webkitGetAsEntry: () => ({ isDirectory: true }), getAsFileSystemHandle: async () => folder, getAsFile: () => new File([], 'folder') },
      { kind: 'string' },
    ];
    const event = Object.assign(new Event('drop', { cancelable: true }), { dataTransfer: { items } });
    element.shadowRoot.querySelector('[part=drop]').dispatchEvent(event);
    element.dispatchEvent(new Event('paste'));
    while (seen.filter(({ type }) => type !== 'upsign-progress').length < 2) await new Promise((wait) => { setTimeout(wait, 50); });
    return seen.filter(({ type }) => type !== 'upsign-progress').map(({ type, name, size, code }) => [type, name, size, code].join(' ')).sort();
  });
  check(show(dropped) === '["upsign-error folder 0 folder","upsign-uploaded h.jpg 100 "]', `a folder is refused, and events of a handle have its file: ${show(dropped)}`);
  check(await element.getByRole('button', { name: 'Try again: folder' }).count() === 0 && await element.locator('ul[role=list]').count() === 1, 'the folder cannot be tried again, and the list is one for VoiceOver');
  check(problems.length === 0, `there are no errors: ${problems}`);
});
await close();
