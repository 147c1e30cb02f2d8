// usage: dev_page.mjs PAGE PHOTO SCREENSHOTS: uploads a photo through the page of `upsign dev`, then tries each cheat.
import fs from 'node:fs';
import { check, network, withPage } from './chromium.mjs';

const [base, photo, screenshots] = process.argv.slice(2);
fs.mkdirSync(screenshots, { recursive: true });

await withPage(async (page, browser) => {
  const problems = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  const net = await network(page);
  const state = (...wanted) => page.waitForFunction((names) => names.includes(document.body.dataset.state), wanted, { timeout: 20_000 });
  const shot = (name) => page.screenshot({ path: `${screenshots}/${name}.png`, fullPage: true });

  await page.goto(base);
  await state('ready');
  check(true, 'the page is ready');
  await shot('ready');

  await page.setInputFiles('[data-testid=file-input]', photo);
  await state('done', 'failed', 'refused');
  check(await page.evaluate(() => document.body.dataset.state === 'done'), 'the photo is stored and read back alike');
  const s3 = net.all().filter((request) => request.url.includes('/articles/'));
  check(s3.some((request) => request.method === 'OPTIONS' && request.status === 200), 'the browser sent a preflight, answered 200');
  check(s3.some((request) => request.method === 'PUT' && request.status === 200), 'the PUT was answered 200');
  check(!(await page.content()).match(/X-Amz-Signature=[0-9a-f]{64}/), 'the page shows no whole signature');
  await shot('done');

  for (const cheat of ['type', 'size', 'twice', 'key']) {
    await page.click(`[data-testid=cheat-${cheat}]`);
    await page.waitForFunction((name) => ['refused', 'accepted'].includes(document.querySelector(`[data-testid=cheat-${name}]`).dataset.outcome), cheat, { timeout: 20_000 });
    const outcome = await page.evaluate((name) => document.querySelector(`[data-testid=cheat-${name}]`).dataset.outcome, cheat);
    check(outcome === 'refused', `S3 refuses the cheat "${cheat}"`);
  }
  await shot('cheats');

  await page.setInputFiles('[data-testid=file-input]', { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') });
  await state('refused');
  check(true, 'the API refuses a text file');

  for (const [name, options] of [['dark', { colorScheme: 'dark' }], ['narrow', { viewport: { width: 390, height: 844 } }]]) {
    const other = await (await browser.newContext(options)).newPage();
    await other.goto(base);
    await other.setInputFiles('[data-testid=file-input]', photo);
    await other.waitForFunction(() => document.body.dataset.state === 'done', null, { timeout: 20_000 });
    const wide = await other.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    check(!wide, `nothing sticks out sideways (${name})`);
    await other.screenshot({ path: `${screenshots}/${name}.png`, fullPage: true });
  }
  check(problems.length === 0, `no script failed ${problems.join('; ')}`);
});
