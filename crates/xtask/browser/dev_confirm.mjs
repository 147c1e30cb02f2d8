// usage: dev_confirm.mjs PAGE PHOTO SCREENSHOTS
// Uploads a photo, and a web page that is called a photo, through the page of `upsign dev` to a route that inspects files before it
// confirms them. A script error or a blocked request fails the test.
import fs from 'node:fs';
import { check, withPage } from './chromium.mjs';

const [base, photo, screenshots] = process.argv.slice(2);
fs.mkdirSync(screenshots, { recursive: true });
const PAGE = '<!DOCTYPE html><title>Sign in again</title><script>alert(1)</script>';

await withPage(async (page) => {
  const problems = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') problems.push(message.text()); });
  const ended = () => page.waitForFunction(() => ['done', 'failed', 'refused'].includes(document.body.dataset.state), null, { timeout: 20_000 });
  const shot = (name) => page.screenshot({ path: `${screenshots}/${name}.png`, fullPage: true });

  await page.goto(base);
  await page.waitForFunction(() => document.body.dataset.state === 'ready', null, { timeout: 20_000 });
  await page.setInputFiles('[data-testid=file-input]', photo);
  await ended();
  check(await page.evaluate(() => document.body.dataset.state === 'done'), `the photo is confirmed and reads back unchanged: ${await page.textContent('[data-testid=alert]')}`);
  const text = await page.innerText('main');
  check(/state\s+confirmed/.test(text), 'the page shows the state of the photo: confirmed');
  await shot('confirmed');

  await page.setInputFiles('[data-testid=file-input]', { name: 'page.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(PAGE) });
  await page.waitForFunction(() => document.body.dataset.state !== 'done', null, { timeout: 20_000 });
  await ended();
  check(await page.evaluate(() => document.body.dataset.state === 'refused'), 'the web page that is called a photo is refused');
  check(/The upload is not confirmed: rejected/.test(await page.innerText('main')), 'the page shows the state of the web page: rejected');
  const alert = await page.innerText('[data-testid=alert]');
  check(/The object stays where nobody reads it/.test(alert), `the page says why: ${alert.replaceAll('\n', ' ')}`);
  const inspection = await page.waitForSelector('[data-testid=inspection][data-accepted=false]', { timeout: 20_000 });
  const found = await inspection.innerText();
  check(/type-mismatch/.test(found) && /inspect = "magic"/.test(found) && /types = /.test(found), `the page says what was found, and which lines decide: ${found.replaceAll('\n', ' ')}`);
  await shot('rejected');
  check(problems.length === 0, `the console is clean${problems.map((problem) => `: ${problem}`).join('')}`);
});
