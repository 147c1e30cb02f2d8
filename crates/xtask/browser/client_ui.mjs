// usage: client_ui.mjs API TOKEN PORT PACKAGE PHOTO
// The React hook with React from its registry, and the web component with axe, by pointer and keyboard, in light, dark and at 320 px.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { check, withPage } from './chromium.mjs';
import { serve } from './client_server.mjs';

const [api, tokenUrl, port, folder, photo] = process.argv.slice(2);
const require = createRequire(path.join(process.env.NODE_PATH, 'any.js'));
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const { build } = require('esbuild');
const bundle = await build({
  entryPoints: [new URL('client_react.mjs', import.meta.url).pathname],
  nodePaths: [process.env.NODE_PATH, path.dirname(folder)],
  ...{ bundle: true, format: 'esm', write: false, define: { 'process.env.NODE_ENV': '"development"' } },
});

const head = '<!doctype html><html lang="en"><head><meta name="viewport" content="width=device-width"><title>page</title></head>';
const pages = {
  '/react': { text: `${head}<body><script type="module" src="/react.js"></script></body></html>` },
  '/react.js': { text: bundle.outputFiles[0].text, type: 'text/javascript' },
  '/element': {
    text: `${head}<body><main><h1>Photos</h1><form id="form"><upsign-upload endpoint="${api}" name="keys" accept="image/jpeg" multiple><p>JPEG, up to 10 MiB</p></upsign-upload></form></main>
<script type="module" src="/page.js"></script></body></html>`,
    headers: { 'Content-Security-Policy': `default-src 'none'; script-src 'self'; connect-src 'self' ${new URL(api).origin} http://127.0.0.1:*` },
  },
  '/page.js': {
    text: `import '/package/element.js';
const element = document.querySelector('upsign-upload');
element.token = async () => (await (await fetch('${tokenUrl}')).text()).trim();
window.seen = [];
for (const name of ['upsign-uploaded', 'upsign-error', 'upsign-progress']) document.addEventListener(name, ({ type, detail }) => seen.push([type, detail.result?.key ?? detail.error?.code ?? detail.state]));`,
    type: 'text/javascript',
  },
};
const close = await serve(Number(port), folder, pages);
const origin = `http://127.0.0.1:${port}`;
const file = (name, mimeType = 'image/jpeg', buffer = fs.readFileSync(photo)) => ({ name, mimeType, buffer });
const isStore = (url) => url.searchParams.has('X-Amz-Signature');

await withPage(async (page) => {
  const problems = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error' && !/status of 4(03|04|15)|ERR_FAILED/.test(message.text())) problems.push(message.text()); });

  // The hook.
  await page.goto(`${origin}/react`);
  await page.waitForFunction(() => window.render);
  await page.evaluate(({ endpoint, tokenUrl }) => render({ endpoint, token: async () => (await (await fetch(tokenUrl)).text()).trim() }), { endpoint: api, tokenUrl });
  await page.waitForFunction(() => window.start);
  const states = () => page.$$eval('li', (items) => items.map((item) => item.dataset.state));
  const reach = (...wanted) => page.waitForFunction((wanted) => [...document.querySelectorAll('li')].map((item) => item.dataset.state).join() === wanted, wanted.join(), { timeout: 60_000 });
  await page.evaluate(() => start([new File(['abc'], 'a.jpg', { type: 'image/jpeg' }), new File(['abc'], 'a.txt', { type: 'text/plain' })]));
  await reach('done', 'failed');
  const [done, failed] = await page.$$eval('li', (items) => items.map((item) => item.firstChild.data));
  check(done.includes('a.jpg done 3/3 articles/') && failed.includes('content-type-not-allowed'), `the hook has two uploads: ${done} and ${failed}`);
  check((await page.evaluate(() => keys)).length === 1, 'onUploaded is called once');
  await page.locator('li').nth(1).getByText('dismiss').click();
  await reach('done');
  await page.route(isStore, () => {});
  await page.evaluate(() => start(new File(['abc'], 'b.jpg', { type: 'image/jpeg' })));
  await page.waitForRequest((request) => isStore(new URL(request.url())));
  await page.locator('li').nth(1).getByText('cancel').click();
  await reach('done', 'cancelled');
  await page.unroute(isStore);
  await page.locator('li').nth(1).getByText('retry').click();
  await reach('done', 'done');
  check((await states()).length === 2, 'a cancelled upload is started again');
  await page.evaluate(() => { window.failing = true; start(new File(['abc'], 'c.jpg', { type: 'image/jpeg' })); });
  await reach('done', 'done', 'done');
  check(problems.splice(0).join() === 'Error: of the page', 'an error of onUploaded is one of the page, and the upload is stored');
  const grants = [];
  page.on('request', (request) => { if (request.url().endsWith('/upload-url') && request.method() === 'POST') grants.push(request.url()); });
  await page.locator('li').nth(2).getByText('retry').click();
  await page.evaluate(() => hook.retry(77));
  await page.locator('li').nth(2).getByText('dismiss').click();
  await page.evaluate(() => hook.retry(5));
  await reach('done', 'done');
  check(grants.length === 0, 'what is stored, unknown or dismissed is not started again');
  // Parts are kept when an upload is paused, and when the component goes.
  const isPart = (url) => url.searchParams.has('partNumber');
  const large = () => page.evaluate(async ({ endpoint, tokenUrl }) => {
    setOptions({ endpoint, token: async () => (await (await fetch(tokenUrl)).text()).trim(), route: 'large' });
    // Until the hook has them.
    await new Promise((wait) => { setTimeout(wait, 200); });
    start(new File([new Uint8Array(11 << 20)], 'large.bin', { type: 'application/octet-stream', lastModified: 1 }));
  }, { endpoint: api, tokenUrl });
  const left = () => page.evaluate(async () => (await (await import('/package/upsign.js')).interrupted()).length);
  await page.route(isPart, () => {});
  const sentPart = () => page.waitForRequest((request) => isPart(new URL(request.url())));
  await Promise.all([sentPart(), large()]);
  await page.locator('li').nth(2).getByText('pause').click();
  await reach('done', 'done', 'paused');
  check(await left() === 1, 'a paused upload is kept');
  await Promise.all([sentPart(), page.locator('li').nth(2).getByText('retry').click()]);
  await page.evaluate(() => setShown(false));
  await page.waitForFunction(() => !document.querySelector('li'));
  await page.unroute(isPart);
  check(await left() === 1, 'so is that of a component that goes');
  check(problems.length === 0, `React in strict mode has nothing to say: ${problems}`);

  // The element.
  await page.goto(`${origin}/element`);
  const audit = async (name) => {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run());
    check(violations.length === 0, `axe finds nothing (${name}): ${violations.map(({ id, nodes }) => `${id} ${nodes[0].html}`)}`);
  };
  const element = page.locator('upsign-upload');
  const status = (place) => element.locator('li').nth(place).locator('[part=status]');
  await page.evaluate(() => customElements.whenDefined('upsign-upload'));
  await audit('empty');
  await element.locator('input').setInputFiles([file('a.jpg'), file('b.jpg')]);
  await status(1).getByText('Uploaded').waitFor();
  await status(0).getByText('Uploaded').waitFor();
  const seen = await page.evaluate(() => window.seen);
  check(seen.filter(([type]) => type === 'upsign-uploaded').length === 2, `chosen files are uploaded: ${seen.map(([type]) => type).filter((type, place, all) => all.indexOf(type) === place)}`);
  const values = await page.evaluate(() => new FormData(document.getElementById('form')).getAll('keys'));
  check(values.length === 2 && values.every((key) => key.startsWith('articles/')), `the form has their keys: ${values}`);
  await element.locator('input').setInputFiles([file('a.txt', 'text/plain', Buffer.from('x'))]);
  await status(2).getByText('Failed').waitFor();
  check((await element.locator('[role=log]').textContent()).includes('a.txt: Failed: this type of file is not accepted'), `a refusal is announced: ${await status(2).textContent()}`);
  await audit('uploaded and failed');
  await page.route(isStore, () => {});
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(100_000)], 'dropped.jpg', { type: 'image/jpeg' }));
    const drop = document.querySelector('upsign-upload').shadowRoot.querySelector('[part=drop]');
    drop.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  });
  await element.getByRole('button', { name: 'Cancel: dropped.jpg' }).waitFor();
  await audit('sending');
  await page.keyboard.press('Tab');
  check(await page.evaluate(() => document.activeElement.tagName) === 'UPSIGN-UPLOAD', 'the keyboard reaches the element');
  await element.getByRole('button', { name: 'Cancel: dropped.jpg' }).press('Enter');
  await status(3).getByText('Cancelled').waitFor();
  await page.unroute(isStore);
  await element.getByRole('button', { name: 'Try again: dropped.jpg' }).press('Space');
  await status(3).getByText('Uploaded').waitFor();
  check(true, 'a dropped file is cancelled and sent again by keyboard');
  const focused = await page.evaluate(() => [document.activeElement, document.activeElement.shadowRoot?.activeElement].map((at) => at?.tagName));
  check(focused.join() === 'UPSIGN-UPLOAD,LI', `the focus stays in the list when the button disappears: ${focused}`);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(':root { color-scheme: light dark } body { background: Canvas; color: CanvasText }');
    document.adoptedStyleSheets = [sheet];
  });
  await page.setViewportSize({ width: 320, height: 600 });
  await audit('dark, 320 px');
  check(await page.evaluate(() => document.documentElement.scrollWidth <= 320), 'nothing overflows at 320 px');
  const part = await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('upsign-upload { --upsign-border: rgb(1, 2, 3) } upsign-upload::part(choose) { color: rgb(4, 5, 6) }');
    document.adoptedStyleSheets = [sheet];
    const { shadowRoot } = document.querySelector('upsign-upload');
    return ['drop', 'choose'].map((name) => getComputedStyle(shadowRoot.querySelector(`[part=${name}]`))[name === 'drop' ? 'borderTopColor' : 'color']);
  });
  check(part.join() === 'rgb(1, 2, 3),rgb(4, 5, 6)', `custom properties and parts are styled: ${part}`);
  check(problems.length === 0, `there are no errors: ${problems}`);
  // Properties that a page sets before the module is loaded.
  await page.goto(`${origin}/`);
  const early = await page.evaluate(async () => {
    const element = document.body.appendChild(document.createElement('upsign-upload'));
    const token = () => 'token';
    Object.assign(element, { token, options: { route: 'form' }, words: { choose: 'Wybierz' } });
    await import('/package/element.js');
    return [element.token === token, element.options.route, element.shadowRoot.querySelector('label').textContent];
  });
  check(early.join() === 'true,form,Wybierz', `properties that were set before are kept: ${early}`);
});
await close();
