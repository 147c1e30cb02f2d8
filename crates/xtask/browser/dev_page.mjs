// usage: dev_page.mjs PAGE PHOTO SCREENSHOTS
// Uploads a photo through the page of `upsign dev`, then tries each forbidden upload, in light, dark and narrow windows. A script
// error, a blocked request or an unexpected refusal fails the test.
import crypto from 'node:crypto';
import fs from 'node:fs';
import { check, network, withPage } from './chromium.mjs';

const [base, photo, screenshots] = process.argv.slice(2);
fs.mkdirSync(screenshots, { recursive: true });

const EXPECTED = /^Failed to load resource: .* status of (403|412|415)\b/; // the refusals that the test provokes

function watch(page, problems) {
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error' && !EXPECTED.test(message.text())) problems.push(message.text()); });
}

/** Three ways to select a photo on the page. */
const select = {
  choose: (page) => page.setInputFiles('[data-testid=file-input]', photo),
  sample: (page) => page.locator('[data-testid=sample]').press('Enter'),
  drop: async (page) => {
    const transfer = await page.evaluateHandle((base64) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], 'dropped.jpg', { type: 'image/jpeg' }));
      return data;
    }, fs.readFileSync(photo).toString('base64'));
    await page.dispatchEvent('[data-testid=drop-zone]', 'drop', { dataTransfer: transfer });
  },
};

await withPage(async (page, browser) => {
  const problems = [];
  watch(page, problems);
  const net = await network(page);
  const state = (...wanted) => page.waitForFunction((names) => names.includes(document.body.dataset.state), wanted, { timeout: 20_000 });
  const shot = (name) => page.screenshot({ path: `${screenshots}/${name}.png`, fullPage: true });

  await page.goto(base);
  await state('ready');
  check(true, 'the page is ready');
  await shot('ready');

  await select.choose(page);
  await state('done', 'failed', 'refused');
  check(await page.evaluate(() => document.body.dataset.state === 'done'), 'the photo is stored and reads back unchanged');
  const s3 = net.all().filter((request) => request.url.includes('/articles/'));
  check(s3.some((request) => request.method === 'OPTIONS' && request.status === 200), 'the browser sent a preflight, answered 200');
  check(s3.some((request) => request.method === 'PUT' && request.status === 200), 'the PUT was answered 200');
  const content = await page.content();
  check(!/eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+/.test(content), 'the page shows no whole token');
  const answer = await page.textContent('[data-testid=ask-exchange]');
  check(/X-Amz-Signature=[0-9a-f]{64}/.test(answer), 'the page shows the answer of the API with the whole upload URL');
  check(await page.isHidden('[data-testid=choice]'), 'there is nothing to choose: one user and one route for everybody');
  const digest = crypto.createHash('sha256').update(fs.readFileSync(photo)).digest('hex');
  const shown = await page.textContent('[data-testid=sha-stored]');
  check(shown === digest, `the page shows the photo's SHA-256 for the stored object, ${digest}`);
  await shot('done');

  for (const cheat of ['type', 'size', 'twice', 'key']) {
    await page.click(`[data-testid=cheat-${cheat}]`);
    await page.waitForFunction((name) => ['refused', 'accepted'].includes(document.querySelector(`[data-testid=cheat-${name}]`).dataset.outcome), cheat, { timeout: 20_000 });
    const outcome = await page.evaluate((name) => document.querySelector(`[data-testid=cheat-${name}]`).dataset.outcome, cheat);
    check(outcome === 'refused', `the forbidden upload "${cheat}" is ${outcome}`);
    const refusal = `${await page.textContent('[data-testid=cheat-status]')} ${await page.textContent('[data-testid=cheat-code]')}`;
    const wanted = cheat === 'twice' ? '412 PreconditionFailed' : '403 SignatureDoesNotMatch';
    check(refusal === wanted, `S3 refuses the forbidden upload "${cheat}": ${refusal}`);
  }
  await shot('cheats');

  await page.setInputFiles('[data-testid=file-input]', { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') });
  await page.waitForSelector('[data-testid=step-1][data-status=refused]', { timeout: 20_000 });
  const alert = await page.textContent('[data-testid=alert]');
  check(alert.includes('415') && alert.includes('text/plain'), `the API refuses a text file: ${alert}`);
  await shot('refused');

  // The function that the README shows, in this page.
  const readme = fs.readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const [, example] = /```js\n(async function upload\(file, token\) \{[\s\S]*?)\n```/.exec(readme);
  const key = await page.evaluate(`(async () => {
    ${example.replace('https://api.example.com', new URL(base).origin)}
    const { firstChoice, loadConfig, signIn } = await import('/calls.js');
    const config = await loadConfig();
    const { token } = await signIn(config, firstChoice(config));
    const photo = await (await fetch('/demo.jpg')).blob();
    return upload(new File([photo], 'demo.jpg', { type: 'image/jpeg' }), token);
  })()`);
  check(/^articles\/[0-9a-f-]{36}\/raw\/[0-9a-f-]{36}\.jpg$/.test(key), `the function in the README uploads a photo: ${key}`);

  for (const [name, how, options] of [['dark', 'sample', { colorScheme: 'dark' }], ['narrow', 'drop', { viewport: { width: 390, height: 844 } }]]) {
    const other = await (await browser.newContext(options)).newPage();
    watch(other, problems);
    await other.goto(base);
    await other.waitForFunction(() => document.body.dataset.state === 'ready');
    await select[how](other);
    await other.waitForFunction(() => document.body.dataset.state === 'done', null, { timeout: 20_000 });
    const wide = await other.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    check(!wide, `the photo is stored (${how}), and the page needs no horizontal scrolling (${name})`);
    await other.screenshot({ path: `${screenshots}/${name}.png`, fullPage: true });
  }
  check(problems.length === 0, `the console is clean${problems.map((problem) => `: ${problem}`).join('')}`);
});
