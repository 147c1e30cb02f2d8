// usage: dev_phone.mjs PAGE SCREENSHOTS
// Uploads 200 MiB on the page of `upsign dev` in a phone-sized window with touch, with a reload in the middle: the page remembers the
// upload, asks for the file again, and sends only what is missing.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { audit } from './audit.mjs';
import { check, withPage } from './chromium.mjs';
import { rows, state, throttle, watch } from './dev_tools.mjs';

const [base, screenshots] = process.argv.slice(2);
fs.mkdirSync(screenshots, { recursive: true });
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'upsign-phone-'));
const movie = path.join(folder, 'holiday.mp4');
const MIB = 1 << 20;
const SIZE = 200 * MIB;
/** The size of a part in the configuration of the test. */
const PART = 5 * MIB;

/** Writes bytes that repeat nowhere within a part, so that a part at the wrong place would be found. */
function writeMovie() {
  const out = fs.openSync(movie, 'w');
  const piece = Buffer.alloc(MIB);
  for (let number = 0; number < SIZE / MIB; number += 1) {
    for (let at = 0; at < MIB; at += 4) piece.writeUInt32LE(Math.imul(number * MIB + at, 2654435761) >>> 0, at);
    fs.writeSync(out, piece);
  }
  fs.closeSync(out);
}

/** The bytes of parts that were sent, by requests that were answered 200. */
function sentParts(page) {
  const sent = [];
  page.on('requestfinished', async (request) => {
    const number = new URL(request.url()).searchParams.get('partNumber');
    if (request.method() === 'PUT' && number && (await request.response())?.status() === 200) sent.push(Number(number));
  });
  return sent;
}

writeMovie();
await withPage(async (page) => {
  const problems = watch(page, /^Failed to load resource: .*(status of 404|ERR_)/);
  const sent = sentParts(page);
  const shot = (name) => page.screenshot({ path: `${screenshots}/phone-${name}.png` });
  await page.goto(base);
  await state(page, 'ready');
  check(/^Tap to choose/.test(await page.innerText('[data-testid=drop-zone]')), 'the page speaks to fingers');

  await throttle(page, 40 * MIB);
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.tap('[data-testid=drop-zone]')]);
  check(chooser.isMultiple(), 'a tap opens the chooser of files');
  await chooser.setFiles(movie);
  await page.waitForFunction(() => document.querySelector('[data-testid=progress]')?.value >= 50, null, { timeout: 60_000 });
  check(true, `half is sent: ${await page.innerText('[data-testid=progress-words]')}`);
  await audit(page, 'phone, sending');
  await shot('sending');

  await page.reload();
  await page.waitForSelector('[data-testid=interrupted-item]');
  const before = [...sent];
  check(before.length >= 10, `${before.length} parts are stored before the reload`);
  const left = /holiday\.mp4 (\d+) MB of 210 MB are stored/.exec(await page.innerText('[data-testid=interrupted-list]'));
  check(left !== null, 'after it, the page knows the upload');
  // A part whose answer arrived together with the reload is stored, but the page does not know it.
  const known = Math.round((Number(left[1]) * 1e6) / PART);
  check(Math.abs(known - before.length) <= 4, `of ${before.length} stored parts, the page knows ${known}`);
  await audit(page, 'phone, interrupted');
  await shot('interrupted');

  await throttle(page, 0);
  const [again] = await Promise.all([page.waitForEvent('filechooser'), page.tap('[data-testid=continue]')]);
  await again.setFiles(movie);
  await rows(page, 1, 'done', 'failed', 'refused');
  check(await page.evaluate(() => document.body.dataset.state) === 'done', `it is stored: ${await page.innerText('[data-testid=status]')} ${await page.innerText('[data-testid=alert]')}`);
  check(await page.innerText('[data-testid=compared-stored]') === String(SIZE), `all ${SIZE} bytes are read back and compared`);
  const after = sent.slice(before.length);
  check(after.length === SIZE / PART - known, `after the reload, ${after.length} of ${SIZE / PART} parts are sent: those that it did not know`);
  check(new Set(after).size === after.length, 'each once');
  await audit(page, 'phone, done');
  await shot('done');
  check(problems.length === 0, `the console is clean${problems.map((problem) => `: ${problem}`).join('')}`);
}, { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true });
fs.rmSync(folder, { recursive: true });
