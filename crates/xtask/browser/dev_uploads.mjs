// usage: dev_uploads.mjs PAGE PHOTO SCREENSHOTS
// Uploads as people do on the page of `upsign dev`, whose route has parts: several files at once, dropped anywhere, pasted; cancelled by
// a button and by Escape, tried again, paused and continued, also after a reload; with speed and time left, in the title and the icon;
// copied texts; a browser that is offline; and screens of fingers, of forced colours and without motion.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { audit } from './audit.mjs';
import { check, withPage } from './chromium.mjs';
import { auditEverywhere, rows, state, throttle, transfer, watch } from './dev_tools.mjs';

const [base, photo, screenshots] = process.argv.slice(2);
fs.mkdirSync(screenshots, { recursive: true });
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'upsign-uploads-'));
const base64 = fs.readFileSync(photo).toString('base64');
const MIB = 1 << 20;

/** Refusals that the test provokes, requests that it cuts off, and the sizes of parts that a resumed upload asks for. */
const EXPECTED = /^Failed to load resource: .*(status of (404|415|409|410)\b|ERR_INTERNET_DISCONNECTED|ERR_FAILED)/;

function file(name, size) {
  const full = path.join(folder, name);
  fs.writeFileSync(full, Buffer.alloc(size, name));
  return full;
}

const text = (page, id) => page.innerText(`[data-testid=${id}]`);
const input = (page, files) => page.setInputFiles('[data-testid=file-input]', files);
const icon = (page) => page.getAttribute('link[rel=icon]', 'href');

async function open(page) {
  await page.goto(base);
  await state(page, 'ready');
}

/** Several files at once, of which one is refused. */
async function several(page) {
  await open(page);
  await input(page, [photo, file('notes.txt', 12), file('second.pdf', 3000)]);
  const states = await rows(page, 3, 'done', 'refused');
  check(states.join() === 'done,refused,done', `three files: ${states}`);
  check(await text(page, 'uploads-summary') === '3 files: 2 stored, 1 not stored.', `the page counts them: ${await text(page, 'uploads-summary')}`);
  check(await page.$$eval('[data-testid=history-item]', (items) => items.length) === 3, 'the history has three of them');
  check(/415/.test(await text(page, 'alert')), 'the refusal is shown, although it is not the first file');
  await auditEverywhere(page, 'several', screenshots);
  await page.locator('[data-testid=show]').nth(2).click();
  check(/second\.pdf is in S3, and identical/.test(await text(page, 'status')) && await page.isHidden('[data-testid=alert]'), 'a click shows what happened to another file');
  await page.click('[data-testid=clear]');
  check(await page.isHidden('[data-testid=uploads]'), 'the list can be cleared');
}

/** A name of 250 characters, and more files than the list is long. */
async function namesAndNumbers(page) {
  await open(page);
  await input(page, { name: `${'long'.repeat(61)}.pdf`, mimeType: 'application/pdf', buffer: Buffer.from('%PDF') });
  await rows(page, 1, 'done');
  const { wide, room } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, room: document.documentElement.clientWidth }));
  check(wide <= room, `a name of 250 characters needs no horizontal scrolling: ${wide} of ${room}`);
  await input(page, Array.from({ length: 19 }, (_, at) => ({ name: `${at}.pdf`, mimeType: 'application/pdf', buffer: Buffer.from(`%PDF ${at}`) })));
  await rows(page, 19, 'done');
  const height = await page.$eval('[data-testid=upload-list]', (list) => list.clientHeight);
  check(height <= 520, `nineteen files scroll in a list of their own: ${height} px`);
  await auditEverywhere(page, 'names', screenshots);
}

/** Drops two files on the heading, pastes an image, and pastes text. */
async function dropAndPaste(page) {
  await open(page);
  const files = [{ name: 'one.jpg', type: 'image/jpeg', base64 }, { name: 'two.jpg', type: 'image/jpeg', base64 }];
  await page.dispatchEvent('h1', 'dragenter', { dataTransfer: await transfer(page, files) });
  check(await page.evaluate(() => document.body.classList.contains('over')), 'the whole page shows that it takes the files');
  await page.dispatchEvent('h1', 'drop', { dataTransfer: await transfer(page, files) });
  await rows(page, 2, 'done');
  check(!(await page.evaluate(() => document.body.classList.contains('over'))), 'two files that are dropped on the heading are stored');

  const clipboard = async (list) => {
    const data = await transfer(page, list);
    await page.evaluate((clipboardData) => document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true })), data);
  };
  await clipboard([{ name: 'image.jpg', type: 'image/jpeg', base64 }]);
  await page.waitForFunction(() => /image\.jpg is in S3/.test(document.querySelector('[data-testid=status]').textContent), null, { timeout: 20_000 });
  check(true, 'an image of the clipboard is stored');
  await clipboard([]);
  check(/Nothing to upload in the clipboard/.test(await text(page, 'status')), 'a clipboard without files is said as such');
}

/** Sends slowly, looks at the progress, and cancels. */
async function progressAndCancel(page) {
  await open(page);
  const plain = await icon(page);
  await throttle(page, 2 * MIB);
  await input(page, file('movie.mp4', 34 * MIB));
  await page.waitForFunction(() => /MB\/s, .* left/.test(document.querySelector('[data-testid=progress-words]')?.textContent), null, { timeout: 20_000 });
  check(true, `the speed and the time left are shown: ${await text(page, 'progress-words')}`);
  check(/^\d+ % · upsign dev$/.test(await page.title()), `the title shows the progress: ${await page.title()}`);
  const drawn = await icon(page);
  check(drawn !== plain && drawn.startsWith('data:image/svg+xml'), 'the icon shows the progress');
  await auditEverywhere(page, 'sending', screenshots);
  await page.click('[data-testid=cancel]');
  check((await rows(page, 1, 'cancelled'))[0] === 'cancelled' && /Cancelled: nothing of movie.mp4 is stored/.test(await text(page, 'status')), 'a button cancels');
  check(await page.evaluate(() => document.activeElement.dataset.testid === 'upload'), 'the focus stays at the upload');
  check(await icon(page) === plain && await page.title() === 'upsign dev', 'the title and the icon are as before');
  await audit(page, 'cancelled');

  await page.click('[data-testid=retry]');
  await state(page, 'uploading');
  await page.keyboard.press('Escape');
  await rows(page, 1, 'cancelled');
  check(true, 'a cancelled upload can be tried again, and Escape cancels it');
  await page.dblclick('[data-testid=retry]');
  await state(page, 'uploading');
  check(true, 'a double click on it does not cancel at once');
  await page.keyboard.press('Escape');
  await rows(page, 1, 'cancelled');
  await throttle(page, 0);
  await page.click('[data-testid=retry]');
  await rows(page, 1, 'done');
  check(await page.title() === '✓ upsign dev', `tried again, it is stored: ${await page.title()}`);
  check(await text(page, 'compared-stored') === String(34 * MIB), 'and every byte of it is compared');
}

/** Pauses, continues, and continues after a reload with the file chosen again. */
async function pauseAndReload(page) {
  await open(page);
  await throttle(page, 3 * MIB);
  const movie = file('long.mp4', 40 * MIB);
  await input(page, movie);
  const partsDone = (count) => page.waitForFunction((number) => document.querySelector('[data-testid=progress]').value >= number, count, { timeout: 30_000 });
  await partsDone(55);
  await page.click('[data-testid=pause]');
  await rows(page, 1, 'paused');
  check(/Paused: \d+ MB of 42 MB are stored/.test(await text(page, 'status')), `pausing keeps what is stored: ${await text(page, 'status')}`);
  const words = await text(page, 'progress-words');
  check(!/left|\/s/.test(words) && words.includes((await text(page, 'status')).match(/\d+ MB of 42 MB/)[0]), `its row says the same, without a speed: ${words}`);
  await page.keyboard.press('Escape');
  check((await rows(page, 1, 'paused'))[0] === 'paused', 'Escape does not discard what is paused');
  await auditEverywhere(page, 'paused', screenshots);
  await page.click('[data-testid=resume]');
  await state(page, 'uploading');
  await partsDone(60);

  await page.reload();
  await page.waitForSelector('[data-testid=interrupted-item]');
  check(/long\.mp4 \d+ MB of 42 MB are stored/.test(await text(page, 'interrupted-list')), `after a reload, the page knows it: ${await text(page, 'interrupted-list')}`);
  await auditEverywhere(page, 'interrupted', screenshots);
  const chooser = () => Promise.all([page.waitForEvent('filechooser'), page.click('[data-testid=continue]')]);
  const [wrong] = await chooser();
  await wrong.setFiles(photo);
  await page.waitForFunction(() => /This is another file/.test(document.querySelector('[data-testid=status]').textContent));
  check(true, 'another file is not taken for it');
  const [right] = await chooser();
  await throttle(page, 0);
  await right.setFiles(movie);
  await rows(page, 1, 'done');
  check(/This upload was interrupted/.test(await text(page, 'step-1')), 'with the same file, it goes on where it was, and is stored');
  check(await page.isHidden('[data-testid=interrupted]'), 'nothing interrupted is left');

  await throttle(page, 2 * MIB);
  await input(page, file('dropped.mp4', 30 * MIB));
  await partsDone(40);
  await page.reload();
  await page.click('[data-testid=discard]');
  await page.waitForFunction(() => document.querySelector('[data-testid=interrupted]').hidden);
  check(true, 'an interrupted upload can be discarded');

  await input(page, file('given-up.mp4', 30 * MIB));
  await partsDone(40);
  await page.click('[data-testid=pause]');
  await rows(page, 1, 'paused');
  await page.click('[data-testid=cancel]');
  await rows(page, 1, 'cancelled');
  await page.waitForFunction(async () => (await (await import('/client.js')).interrupted()).length === 0);
  check(true, 'a paused upload can be cancelled, and nothing of it is kept');
  check(await page.isHidden('[data-testid=interrupted]'), 'and it is not listed as interrupted');
  await throttle(page, 0);
}

/** With a handle, as a file has that was dropped, no file has to be chosen again. */
async function handles(page) {
  await open(page);
  await throttle(page, 2 * MIB);
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const handle = await root.getFileHandle('kept.mp4', { create: true });
    const writable = await handle.createWritable();
    await writable.write(new Uint8Array(30 << 20).fill(7));
    await writable.close();
    (await import('/uploads.js')).add([handle]);
  });
  await page.waitForFunction(() => document.querySelector('[data-testid=progress]')?.value >= 40, null, { timeout: 30_000 });
  await page.reload();
  await throttle(page, 0);
  await page.click('[data-testid=continue]');
  await rows(page, 1, 'done');
  check(/This upload was interrupted/.test(await text(page, 'step-1')), 'an upload with a handle goes on after a reload without another choice');
}

/** The browser loses its network during an upload. */
async function offline(page) {
  await open(page);
  await throttle(page, 3 * MIB);
  await input(page, file('train.mp4', 20 * MIB));
  await state(page, 'uploading');
  await page.context().setOffline(true);
  await page.waitForFunction(() => document.body.dataset.connection === 'offline');
  check(/Offline\. This browser says that there is no network/.test(await text(page, 'connection')), 'offline is said as such');
  await page.waitForTimeout(6000);
  check(await page.evaluate(() => document.body.dataset.state === 'uploading'), 'the upload waits');
  await auditEverywhere(page, 'offline', screenshots);
  await page.context().setOffline(false);
  await throttle(page, 0);
  await rows(page, 1, 'done');
  check(await page.isHidden('[data-testid=connection]'), 'and goes on when the network is back');
}

/** The buttons that copy. */
async function copies(page) {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page);
  await page.click('[data-testid=sample]');
  await rows(page, 1, 'done');
  const copied = async (id) => {
    await page.click(`[data-testid=${id}]`);
    await page.waitForFunction((one) => document.querySelector(`[data-testid=${one}] + [role=status]`).textContent === 'Copied.', id);
    return page.evaluate(() => navigator.clipboard.readText());
  };
  check(await copied('copy-key') === await text(page, 'key'), 'the key can be copied');
  check(/^http.*X-Amz-Signature=[0-9a-f]{64}/.test(await copied('copy-url')), 'the URL can be copied');
  check(/^curl -sS .*--upload-file 'demo.jpg'[^]*X-Amz-Signature=[0-9a-f]{64}/.test(await copied('copy-curl')), 'the upload can be copied as a command');
}

/** Screens of fingers, of forced colours, and without motion. */
async function screens(browser, problems) {
  const pageOf = async (options) => {
    const page = await (await browser.newContext(options)).newPage();
    problems.push(watch(page, EXPECTED));
    await open(page);
    return page;
  };
  const phone = await pageOf({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  check(/^Tap to choose a photo/.test(await text(phone, 'drop-zone')) && !/drop/i.test(await text(phone, 'status')), 'a touch screen is not told to drop');
  await audit(phone, 'touch');
  await phone.screenshot({ path: `${screenshots}/uploads-touch.png`, fullPage: true });

  const forced = await pageOf({ forcedColors: 'active' });
  await throttle(forced, 2 * MIB);
  await input(forced, file('forced.mp4', 20 * MIB));
  await state(forced, 'uploading');
  const bar = await forced.$eval('[data-testid=progress]', (element) => ({ width: getComputedStyle(element).borderTopWidth, adjust: getComputedStyle(element).forcedColorAdjust }));
  check(bar.width === '1px' && bar.adjust === 'none', 'with forced colours, the progress has a border and its own colours');
  const dots = await forced.$$eval('.dot', (all) => all.map((dot) => [dot.textContent, getComputedStyle(dot).borderStyle]));
  check(dots[0][0] === '✓' && dots[2][1] === 'dashed', `steps differ by signs and borders: ${dots.join(' ')}`);
  check(await forced.$eval('[data-testid=step-2] .state-word', (word) => word.textContent) === 'in progress', 'and by words');
  await forced.screenshot({ path: `${screenshots}/uploads-forced.png`, fullPage: true });
  await forced.keyboard.press('Escape');

  const still = await pageOf({ reducedMotion: 'reduce' });
  await throttle(still, 2 * MIB);
  await input(still, file('still.mp4', 20 * MIB));
  await state(still, 'uploading');
  check(await still.evaluate(() => document.getAnimations().length) === 0, 'nothing moves for people who do not want it');
  await still.keyboard.press('Escape');
}

await withPage(async (page, browser) => {
  const problems = [watch(page, EXPECTED)];
  for (const run of [several, namesAndNumbers, dropAndPaste, progressAndCancel, pauseAndReload, handles, offline, copies]) await run(page);
  await screens(browser, problems);
  check(problems.flat().length === 0, `the console is clean${problems.flat().map((problem) => `: ${problem}`).join('')}`);
});
fs.rmSync(folder, { recursive: true });
