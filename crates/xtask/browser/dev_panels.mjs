// usage: dev_panels.mjs PAGE PHOTO SCREENSHOTS
// What the page of `upsign dev` says about an upload: the URL taken apart, who enforces which limit, what an
// inspection says, texts to copy, and each forbidden upload with what differs and the responsible line. The configuration has the
// routes photos, form, videos (in parts) and checked (inspected), and the users alice and bob.
import fs from 'node:fs';
import { audit, WINDOWS } from './audit.mjs';
import { check, withPage } from './chromium.mjs';

const [base, photo, screenshots] = process.argv.slice(2);
fs.mkdirSync(screenshots, { recursive: true });

/** The cause, a field that differs and the responsible key, by route and cheat. */
const CHEATS = {
  photos: {
    type: ['header-differs', 'header:content-type', 'route.photos.types'],
    size: ['length-differs', 'header:content-length', 'route.photos.max_size'],
    twice: ['key-exists', undefined, 'route.photos.replace'],
    key: ['path-differs', 'path', 'route.photos.key'],
    expired: ['url-expired', undefined, 'route.photos.expires_in'],
    caller: ['api-unauthorized', 'claim:sub'],
    dropped: ['header-missing', 'header:if-none-match', 'route.photos.replace'],
  },
  form: {
    type: ['form-condition', 'form-field:content-type', 'route.form.types'],
    expired: ['form-expired', undefined, 'route.form.expires_in'],
    dropped: ['form-condition', undefined, 'route.form.types'],
  },
  videos: {
    'part-number': ['query-differs', 'query:partNumber', 'route.videos.multipart'],
    'part-size': ['length-differs', 'header:content-length', 'route.videos.max_size'],
    'part-upload': ['query-differs', 'query:uploadId', 'route.videos.multipart'],
    caller: ['api-forbidden', 'claim:sub'],
  },
};

async function ready(page, route) {
  await page.goto(base);
  await page.waitForFunction(() => document.body.dataset.state === 'ready', null, { timeout: 20_000 });
  await page.click(`[data-testid=route-${route}]`);
}

async function uploaded(page, file) {
  await page.setInputFiles('[data-testid=file-input]', file);
  await page.waitForFunction(() => ['done', 'refused', 'failed'].includes(document.body.dataset.state), null, { timeout: 30_000 });
  const state = await page.evaluate(() => document.body.dataset.state);
  check(state === 'done', `the file is stored: ${state} ${await page.textContent('[data-testid=alert]')}`);
}

/** The URL with its parts: their texts are the URL, and each has its line in the legend. */
async function anatomy(page) {
  await page.waitForSelector('[data-testid=anatomy]');
  const shown = await page.textContent('[data-testid=anatomy]');
  check(/^http:\/\/127\.0\.0\.1:\d+\/\S+X-Amz-Signature=[0-9a-f]{64}$/.test(shown), 'the parts together are the URL, as it is');
  const parts = await page.$$eval('[data-testid=anatomy] .part', (nodes) => nodes.map((node) => [node.dataset.part, node.dataset.number, node.textContent]));
  const legend = await page.$$eval('[data-testid=legend] li', (nodes) => nodes.map((node) => [node.querySelector('button').dataset.part, node.dataset.index, node.innerText.replace('\n', ' ')]));
  check(parts.length === legend.length && parts.every(([part, number], at) => legend[at][0] === part && legend[at][1] === number), `each of ${parts.length} parts has a line in the legend`);
  for (const wanted of ['host', 'key', 'scope', 'expiry', 'signed-headers', 'signature']) check(parts.some(([part]) => part === wanted), `the URL has the part ${wanted}`);
  const lit = () => page.$$eval('.lit', (nodes) => nodes.map((node) => node.dataset.index));
  const at = parts.findIndex(([part]) => part === 'signed-headers') + 1;
  await page.hover(`[data-testid=anatomy] .part[data-index="${at}"]`);
  check((await lit()).join() === `${at},${at}`, 'the pointer on a part marks its line');
  await page.mouse.move(0, 0);
  check((await lit()).length === 0, 'and only while it is there');
  await page.focus(`[data-testid=legend] li[data-index="${at}"] button`);
  check((await lit()).join() === `${at},${at}`, 'the focus on a line marks its part');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  check((await lit()).includes(String(at)), 'Enter keeps it marked');
  const left = async () => Number(/(?:(\d+) min )?(\d+) s more/.exec(await page.textContent('[data-testid=countdown]')).slice(1).reduce((sum, part) => Number(sum ?? 0) * 60 + Number(part)));
  const before = await left();
  await page.waitForTimeout(2100);
  const after = await left();
  check(after < before && after >= before - 4, `the time that is left counts down: ${before} s, ${after} s`);
}

async function limits(page, expected) {
  const rows = await page.$$eval('[data-testid=limits] tbody tr', (nodes) => nodes.map((node) => [node.dataset.limit, node.dataset.by, node.querySelector('[data-testid=setting]')?.innerText]));
  const by = Object.fromEntries(rows.map(([limit, enforcer]) => [limit, enforcer]));
  for (const [limit, enforcer] of Object.entries(expected)) check(by[limit] === enforcer, `${limit}: ${by[limit]}`);
  check(rows.some(([limit, , setting]) => limit === 'the content type' && /^upsign\.toml:\d+ types = \["image\/jpeg"\]$/.test(setting)), `a limit names its line: ${rows.find(([limit]) => limit === 'the content type')[2]}`);
}

async function cheats(page, route) {
  for (const [name, [cause, field, key]] of Object.entries(CHEATS[route])) {
    await page.click(`[data-testid=cheat-${name}]`);
    await page.waitForFunction((one) => ['refused', 'accepted', 'failed'].includes(document.querySelector(`[data-testid=cheat-${one}]`).dataset.outcome), name, { timeout: 20_000 });
    const result = page.locator('[data-testid=cheat-result]');
    const outcome = await page.getAttribute(`[data-testid=cheat-${name}]`, 'data-outcome');
    check(outcome === 'refused', `"${name}" on ${route} is ${outcome}: ${(await result.innerText()).slice(0, 300)}`);
    const found = await result.locator('[data-testid=diagnosis-cause]').textContent();
    check(found === cause, `"${name}" on ${route} is ${found}`);
    const fields = await result.locator('.diagnosis > .diff .diff-field').allTextContents();
    const same = await result.locator('[data-testid=diagnosis-same]').allTextContents();
    check(field ? fields.includes(field) : fields.length + same.length > 0, `it shows what differs: ${[...fields, ...same].join(' | ')}`);
    const settings = await result.locator('[data-testid=responsible] [data-testid=setting]').evaluateAll((nodes) => nodes.map((node) => [node.dataset.key, node.innerText]));
    // No line decides about a token that is not the caller's.
    check(key ? settings.some(([name]) => name === key) : settings.length === 0, `it names the responsible line: ${settings.map(([, text]) => text).join(' | ')}`);
  }
}

async function inspection(page) {
  await page.waitForSelector('[data-testid=inspection][data-accepted=true]');
  await uploaded(page, { name: 'page.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('<!DOCTYPE html><script>alert(1)</script>') });
  await page.waitForSelector('[data-testid=inspection][data-accepted=false]');
  const words = await page.innerText('[data-testid=inspection]');
  check(/This route does not inspect; with inspect = "magic" the file would be rejected: /.test(words), `a page that is called a photo: ${words.split('\n').slice(0, 3).join(' ')}`);
}

/** The texts to copy, by the keyboard. */
async function texts(page) {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.focus('[data-testid=snippets] [role=tab][aria-selected=true]');
  for (const name of ['javascript', 'node', 'python', 'rust', 'curl']) {
    await page.keyboard.press('ArrowRight');
    check(await page.evaluate((one) => document.activeElement.dataset.testid === `snippets-${one}` && document.activeElement.getAttribute('aria-selected') === 'true', name), `the arrow chooses ${name}`);
  }
  await page.click('[data-testid=snippets-copy]');
  await page.waitForFunction(() => [...document.querySelectorAll('[data-panel=code] [role=status]')].some((node) => node.textContent === 'Copied.'));
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  check(copied === await page.textContent('[data-testid=snippets-text]') && copied.includes('curl'), 'the button copies the text');
  const cors = JSON.parse(await page.textContent('[data-testid=documents-text]'));
  check(cors.CORSRules[0].AllowedOrigins[0] === 'https://app.example.com', 'the CORS rules are those of the configuration');
  await page.click('[data-testid=documents-iam]');
  const iam = JSON.parse(await page.textContent('[data-testid=documents-text]'));
  check(JSON.stringify(iam).includes('arn:aws:s3:::documents-bucket/photos/'), 'the permissions are those of the configured bucket');
}

/** A file that the API refuses: the page names the line that is responsible. */
async function refused(page) {
  await page.setInputFiles('[data-testid=file-input]', { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') });
  const line = page.locator('[data-testid=diagnosis] [data-testid=responsible] [data-testid=setting]');
  await line.waitFor({ timeout: 20_000 });
  check(/^upsign\.toml:\d+ types = /.test(await line.innerText()), `a refusal of the API names the line: ${await line.innerText()}`);
  check(await page.isHidden('[data-testid=taken-apart]') && await page.isHidden('[data-testid=limits]'), 'without a URL there is none to take apart');
}

/** The time of a URL runs out while the page is open. */
async function runsOut(browser) {
  const page = await (await browser.newContext()).newPage();
  await page.clock.install();
  await ready(page, 'photos');
  await uploaded(page, photo);
  await page.waitForSelector('[data-testid=countdown][data-state=valid]');
  await page.clock.fastForward(16 * 60_000);
  await page.waitForSelector('[data-testid=countdown][data-state=expired]', { timeout: 20_000 });
  check(/It is over: the URL worked until/.test(await page.textContent('[data-testid=countdown]')), `after its time: ${await page.textContent('[data-testid=countdown]')}`);
  await page.close();
}

async function look(browser, [name, options]) {
  const page = await (await browser.newContext(options)).newPage();
  await ready(page, 'photos');
  await uploaded(page, { name: 'page.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('<!DOCTYPE html><script>alert(1)</script>') });
  await page.waitForSelector('[data-testid=inspection]');
  await page.waitForSelector('[data-testid=anatomy]');
  await page.waitForSelector('[data-testid=limits]');
  await page.waitForSelector('[data-testid=snippets]');
  await page.click('[data-testid=legend] li:nth-child(2) button');
  await page.click('[data-testid=cheat-dropped]');
  await page.waitForSelector('[data-testid=responsible]');
  await audit(page, name);
  await page.screenshot({ path: `${screenshots}/panels-${name}.png`, fullPage: true });
}

await withPage(async (page, browser) => {
  const problems = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  await ready(page, 'photos');
  await uploaded(page, photo);
  await anatomy(page);
  await limits(page, { 'one key': 'signature', 'the size': 'signature', 'no overwriting': 'condition', 'a checksum': 'nobody', 'the lifetime': 'signature', 'the content matches its type': 'nobody', 'the uploader is the caller': 'nobody' });
  await texts(page);
  await cheats(page, 'photos');
  await inspection(page);
  await refused(page);

  await ready(page, 'form');
  await uploaded(page, photo);
  await page.waitForFunction(() => document.querySelector('[data-testid=taken-apart] h4')?.textContent === 'The form, field by field');
  await limits(page, { 'one key': 'condition', 'no overwriting': 'nobody' });
  await cheats(page, 'form');

  await ready(page, 'checked');
  await uploaded(page, photo);
  await limits(page, { 'the content matches its type': 'confirmation' });

  await ready(page, 'videos');
  await uploaded(page, { name: 'film.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(6 << 20, 'a') });
  await page.waitForFunction(() => /first part/.test(document.querySelector('[data-testid=taken-apart] h4')?.textContent));
  await cheats(page, 'videos');

  await runsOut(browser);
  for (const options of WINDOWS) await look(browser, options);
  check(problems.length === 0, `no script fails${problems.map((problem) => `: ${problem}`).join('')}`);
});
