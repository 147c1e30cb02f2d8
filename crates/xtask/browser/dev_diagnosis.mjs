// usage: dev_diagnosis.mjs PAGE PHOTO SCREENSHOTS UPSIGN
// Lets uploads fail on the page of `upsign dev`, and compares the diagnoses that it shows with the causes: each forbidden upload, a
// refusal of the API, a body that is longer, another method, and a connection that ends. The commands that it offers give the same
// diagnoses, and the accessibility rules of axe-core find nothing, in light, dark and narrow windows.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { check, withPage } from './chromium.mjs';

const [base, photo, screenshots, upsign] = process.argv.slice(2);
const axe = fs.readFileSync(path.join(process.env.NODE_PATH, 'axe-core/axe.min.js'), 'utf8');
fs.mkdirSync(screenshots, { recursive: true });

/** The cause and the field that the page names for each forbidden upload. */
const CHEATS = {
  type: ['header-differs', 'header:content-type'],
  size: ['length-differs', 'header:content-length'],
  twice: ['key-exists', undefined],
  key: ['path-differs', 'path'],
};

/** Fails if axe-core finds anything in the page as it is shown. */
async function audit(page, name) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const words = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('; ')}`);
  check(violations.length === 0, `axe-core finds nothing (${name}) ${words.join('\n')}`);
}

const isWide = (page) => page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

/** Waits for a diagnosis inside of an element, and returns what it says. */
async function diagnosis(page, inside) {
  const shown = page.locator(`[data-testid=${inside}] .diagnosis`);
  await shown.waitFor({ timeout: 20_000 });
  const text = (id) => shown.locator(`[data-testid=${id}]`).first();
  const fields = await shown.locator('> .diff .diff-field').allTextContents();
  return {
    cause: await text('diagnosis-cause').textContent(),
    sentence: await text('diagnosis-sentence').textContent(),
    certain: await shown.getAttribute('data-certain'),
    fields,
    command: await text('diagnosis-command').textContent(),
  };
}

/** Runs a command that the page offers, and returns the causes that it prints. */
function causesOf(command, name) {
  check(/^upsign diagnose - <<'REPORT'\n/.test(command), `the page offers a command (${name})`);
  check(!/[0-9a-f]{64}/.test(command.replace(/"body": .*/, '')) && !/eyJ[\w-]+\.eyJ/.test(command), `the command has no signature and no token (${name})`);
  const shell = `upsign() { "$UPSIGN" --json "$@"; }\n${command}`;
  const { status, stdout, stderr } = spawnSync('sh', ['-c', shell], { env: { ...process.env, UPSIGN: upsign }, encoding: 'utf8' });
  check(status === 0, `the command runs (${name}) ${stderr}`);
  return [JSON.parse(stdout)].flat().map(({ cause }) => cause);
}

async function ready(page) {
  await page.goto(base);
  await page.waitForFunction(() => document.body.dataset.state === 'ready', null, { timeout: 20_000 });
}

async function stored(page) {
  await page.setInputFiles('[data-testid=file-input]', photo);
  await page.waitForFunction(() => document.body.dataset.state === 'done', null, { timeout: 20_000 });
}

async function cheat(page, name) {
  await page.click(`[data-testid=cheat-${name}]`);
  await page.waitForFunction((one) => document.querySelector(`[data-testid=cheat-${one}]`).dataset.outcome === 'refused', name, { timeout: 20_000 });
}

/** Tries what the URL does not allow. */
async function cheats(page) {
  await ready(page);
  await stored(page);
  for (const [name, [cause, field]] of Object.entries(CHEATS)) {
    await cheat(page, name);
    const found = await diagnosis(page, 'cheat-result');
    check(found.cause === cause && found.certain === 'true', `"${name}" is ${found.cause}, certain: ${found.certain}. ${found.sentence}`);
    check(field === undefined || found.fields.includes(field), `"${name}" shows the part that differs: ${found.fields}`);
    check(/The fix is in the hands of the program that uploads:/.test(found.sentence), `"${name}" names whose hands the fix is in`);
    check(causesOf(found.command, name)[0] === cause, `the command of "${name}" names the same cause`);
    check(await page.evaluate((one) => document.activeElement.dataset.testid === `cheat-${one}`, name), 'the focus stays on the button, for the next attempt');
  }
}

/** Lets uploads fail before and at S3: the page opens the diagnosis and moves the focus there. */
async function failures(page) {
  // The command has neither the secret key nor the CORS rules that this server adds.
  const failed = async (name, cause, ofCommand = cause) => {
    const found = await diagnosis(page, 'diagnosis');
    check(found.cause === cause, `${name} is ${found.cause}. ${found.sentence}`);
    check(await page.evaluate(() => document.activeElement.dataset.testid === 'diagnosis'), 'the focus is on the diagnosis');
    check(causesOf(found.command, name).includes(ofCommand), `the command of ${name} names ${ofCommand}`);
    return found;
  };
  await page.setInputFiles('[data-testid=file-input]', { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') });
  await failed('a text file', 'api-media-type');

  // A byte that something adds to each body.
  await page.evaluate(() => {
    window.send = XMLHttpRequest.prototype.send;
    XMLHttpRequest.prototype.send = function send(body) { window.send.call(this, body.size ? new Blob([body, 'x'], { type: body.type }) : body); };
  });
  await page.setInputFiles('[data-testid=file-input]', photo);
  await failed('a longer body', 'length-differs');
  await page.evaluate(() => { XMLHttpRequest.prototype.send = window.send; });

  // A method that no CORS rule allows: the browser does not send the upload, and the page sees the status 0.
  await page.route('**/upload-url', async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...await answer.json(), method: 'PATCH' } });
  });
  await page.setInputFiles('[data-testid=file-input]', photo);
  await failed('another method', 'method-differs', 'network-error');
  await page.unroute('**/upload-url');

  await page.route('**/articles/**', (route) => route.abort());
  await page.setInputFiles('[data-testid=file-input]', photo);
  const { certain } = await failed('a connection that ends', 'network-error');
  check(certain === 'false', 'the cause of a status 0 is not certain');
  await page.unroute('**/articles/**');

  await stored(page);
  check(await page.isHidden('[data-testid=diagnosis]'), 'an upload that succeeds shows no diagnosis');
}

/** Opens the proof by the keyboard, and copies the command. */
async function keyboard(page) {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await cheat(page, 'type');
  const { command } = await diagnosis(page, 'cheat-result');
  await page.locator('[data-testid=cheat-result] summary', { hasText: 'How to prove it' }).focus();
  await page.keyboard.press('Enter');
  for (let count = 0; count < 6; count += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(() => document.activeElement.dataset.testid === 'diagnosis-copy')) break;
  }
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('.copy [role=status]').textContent !== '');
  check(await page.evaluate(() => navigator.clipboard.readText()) === command, 'the keyboard opens the proof and copies the command');
}

const WINDOWS = [['light', {}], ['dark', { colorScheme: 'dark' }], ['phone', { viewport: { width: 320, height: 720 } }]];

/** Shows a diagnosis of a forbidden upload and of a failed upload in a window. */
async function look(browser, [name, options]) {
  const page = await (await browser.newContext(options)).newPage();
  await ready(page);
  await stored(page);
  await cheat(page, 'type');
  await page.click('[data-testid=cheat-result] summary:has-text("How to prove it")');
  await page.setInputFiles('[data-testid=file-input]', { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') });
  await diagnosis(page, 'diagnosis');
  await page.click('[data-testid=diagnosis] summary:has-text("How to prove it")');
  check(!(await isWide(page)), `the page needs no horizontal scrolling (${name})`);
  await audit(page, name);
  await page.screenshot({ path: `${screenshots}/diagnosis-${name}.png`, fullPage: true });
}

await withPage(async (page, browser) => {
  const problems = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  await cheats(page);
  await failures(page);
  await keyboard(page);
  for (const options of WINDOWS) await look(browser, options);
  check(problems.length === 0, `no script fails${problems.map((problem) => `: ${problem}`).join('')}`);
});
