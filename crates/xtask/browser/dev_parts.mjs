// usage: dev_parts.mjs PAGE SCREENSHOTS
// The parts of an upload as a grid, on a slow connection: it fills, a part whose request is ended is sent again, and its words say
// what it shows. With 10,000 parts the page stays fluid. The route videos uploads in parts of 5 MiB.
import fs from 'node:fs';
import { audit, WINDOWS } from './audit.mjs';
import { check, withPage } from './chromium.mjs';

const [base, screenshots] = process.argv.slice(2);
fs.mkdirSync(screenshots, { recursive: true });

const SIZE = 32 << 20;

async function begin(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Network.enable');
  await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 3 << 20 });
  await page.goto(base);
  await page.waitForFunction(() => document.body.dataset.state === 'ready', null, { timeout: 20_000 });
  await page.click('[data-testid=route-videos]');
  await page.setInputFiles('[data-testid=file-input]', { name: 'film.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(SIZE, 'a') });
  await page.waitForSelector('[data-testid=flight] button:not(:disabled)', { timeout: 20_000 });
}

const grid = (page) => page.$eval('[data-testid=grid]', (node) => ({ role: node.getAttribute('role'), now: Number(node.getAttribute('aria-valuenow')), max: Number(node.getAttribute('aria-valuemax')), text: node.getAttribute('aria-valuetext'), cells: [...node.children].map(({ dataset }) => dataset.state) }));

/** Ends the request of a part, and waits until the upload is stored. */
async function kill(page) {
  const { role, max, cells, text } = await grid(page);
  check(role === 'progressbar' && max === 7 && cells.length === 7, `the grid has a cell for each part: ${text}`);
  const number = await page.getAttribute('[data-testid=flight] li:has(button:not(:disabled))', 'data-number');
  await page.click(`[data-testid=kill-${number}]`);
  await page.waitForFunction((one) => /attempt 2/.test(document.querySelector(`[data-testid=flight] li[data-number="${one}"]`)?.textContent), number, { timeout: 20_000 });
  check(true, `part ${number} is sent again`);
  await page.waitForFunction(() => Number(document.querySelector('[data-testid=grid]').getAttribute('aria-valuenow')) >= 3, null, { timeout: 60_000 });
  const midway = await grid(page);
  const states = new Set(midway.cells);
  check(states.has('done') && (states.has('sending') || states.has('waiting')), `the grid fills: ${midway.text}`);
  await page.click('[data-testid=pause]');
  await page.waitForFunction(() => document.body.dataset.state === 'paused', null, { timeout: 20_000 });
  await page.waitForFunction(() => / 0 are being sent/.test(document.querySelector('[data-testid=grid]').getAttribute('aria-valuetext')));
  const paused = await grid(page);
  check(paused.now >= 3 && paused.cells.every((state) => ['done', 'waiting'].includes(state)), `while it is paused, no part is on its way: ${paused.text}`);
  await page.click('[data-testid=resume]');
  await page.waitForFunction(() => ['done', 'refused', 'failed'].includes(document.body.dataset.state), null, { timeout: 120_000 });
  const end = await grid(page);
  check(end.now === end.max && end.cells.every((state) => state === 'done'), `every part is stored: ${end.text}`);
  check(await page.evaluate(() => document.body.dataset.state === 'done'), 'the object is the file');
  check(await page.isHidden('[data-testid=flight]'), 'no part is in flight any more');
}

/** Shows an upload of 10,000 parts that change with each frame, and measures the time that drawing takes. */
async function many(page) {
  const longest = await page.evaluate(async () => {
    const { page: model } = await import('/page.js');
    const parts = Array.from({ length: 10_000 }, (_, at) => ({ number: at + 1, count: 10_000, size: 5 << 20, loaded: 0, state: 'waiting', attempts: 1 }));
    const upload = Object.assign(new EventTarget(), { parts, state: 'uploading', grant: { method: 'MULTIPART', partCount: 10_000 }, choice: model.choice, exchanges: [], steps: model.shown.steps, progress: { loaded: 0, total: 1 }, name: 'film.mp4', file: model.shown.file, isRunning: true });
    model.show(upload);
    const frame = () => new Promise((resolve) => { requestAnimationFrame(resolve); });
    const times = [];
    for (let round = 0; round < 100; round += 1) {
      for (const part of parts.slice(round * 100, round * 100 + 100)) Object.assign(part, { state: 'done', loaded: part.size });
      for (const part of parts.slice(round * 100 + 100, round * 100 + 104)) Object.assign(part, { state: 'sending', loaded: part.size / 2 });
      model.emit('change', { upload, what: 'parts' });
      const began = performance.now();
      await frame();
      await frame();
      times.push((performance.now() - began) / 2);
    }
    times.sort((a, b) => a - b);
    return { median: times[50], slow: times[95] };
  });
  const { text, cells } = await grid(page);
  check(cells.length <= 240 && /^10000 of 10000|^9\d+ of 10000/.test(text), `10,000 parts have ${cells.length} cells: ${text}`);
  check(longest.median < 34, `a frame takes ${longest.median.toFixed(1)} ms, of the slowest 5 % ${longest.slow.toFixed(1)} ms`);
}

async function look(browser, [name, options]) {
  const page = await (await browser.newContext(options)).newPage();
  await begin(page);
  await page.waitForFunction(() => Number(document.querySelector('[data-testid=grid]').getAttribute('aria-valuenow')) >= 1, null, { timeout: 60_000 });
  await audit(page, `${name}, with parts in flight`);
  await page.screenshot({ path: `${screenshots}/parts-${name}.png`, fullPage: true });
  await page.close();
}

await withPage(async (page, browser) => {
  const problems = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  await begin(page);
  await kill(page);
  await many(page);
  for (const options of WINDOWS) await look(browser, options);
  check(problems.length === 0, `no script fails${problems.map((problem) => `: ${problem}`).join('')}`);
});
