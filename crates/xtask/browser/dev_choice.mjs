// usage: dev_choice.mjs PAGE OTHER_PORT SCREENSHOTS
// Chooses users, issuers and routes on the page of `upsign dev --config --user …`, uploads by PUT and by form, sees a denial, and
// uses the API from a page of another port. The keyboard suffices. A script error or a blocked request fails the test.
import fs from 'node:fs';
import http from 'node:http';
import { check, withPage } from './chromium.mjs';

const [base, otherPort, screenshots] = process.argv.slice(2);
fs.mkdirSync(screenshots, { recursive: true });
const EXPECTED = /^Failed to load resource: .* status of (401|403)\b/; // the refusals that the test provokes

const state = (page, ...wanted) => page.waitForFunction((names) => names.includes(document.body.dataset.state), wanted, { timeout: 20_000 });
const name = (page) => page.evaluate(() => document.body.dataset.state);
const text = (page, id) => page.textContent(`[data-testid=${id}]`);

function watch(page, problems) {
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error' && !EXPECTED.test(message.text())) problems.push(message.text()); });
}

/** Returns the texts whose contrast with their background is below 4.5 (WCAG 2.2, success criterion 1.4.3). */
const lowContrast = (page) => page.evaluate(() => {
  const rgb = (color) => { const context = new OffscreenCanvas(1, 1).getContext('2d'); context.fillStyle = color; context.fillRect(0, 0, 1, 1); return [...context.getImageData(0, 0, 1, 1).data]; };
  const luminance = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const background = (node) => { for (let at = node; at; at = at.parentElement) { const color = rgb(getComputedStyle(at).backgroundColor); if (color[3] === 255) return color; } return [255, 255, 255]; };
  const texts = [...document.querySelectorAll('body *')].filter((node) => node.checkVisibility() && !node.matches('option, :disabled, .skip') && [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim()));
  return texts.map((node) => {
    const [light, dark] = [luminance(rgb(getComputedStyle(node).color)), luminance(background(node))].sort((a, b) => b - a);
    return [node.textContent.trim().slice(0, 40), (light + 0.05) / (dark + 0.05)];
  }).filter(([, ratio]) => ratio < 4.5).map(([words, ratio]) => `${words}: ${ratio.toFixed(2)}`);
});

/** Serves a page of another origin, which uses the services as an application does. */
async function otherPage() {
  const server = http.createServer((_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>app</title>'));
  await new Promise((resolve) => server.listen(Number(otherPort), '127.0.0.1', resolve));
  return server;
}

await withPage(async (page, browser) => {
  const problems = [];
  watch(page, problems);
  const external = [];
  page.on('request', (request) => { if (!/^(data:|blob:|http:\/\/(127\.0\.0\.1|localhost):)/.test(request.url())) external.push(request.url()); });
  const shot = (file) => page.screenshot({ path: `${screenshots}/${file}.png`, fullPage: true });

  await page.goto(base);
  await state(page, 'ready');
  const routes = await page.$$eval('.route', (labels) => labels.map((label) => label.innerText.replace(/\s+/g, ' ')));
  check(routes.length === 2 && /^upload form application\/pdf/.test(routes[0]) && /avatars PUT/.test(routes[1]), `the routes are shown: ${routes.join(' | ')}`);
  check(/group editors/.test(routes[0]) && /scope write/.test(routes[0]) && /1 MiB/.test(routes[0]), 'with types, sizes and who may use them');
  check(await page.$eval('[data-testid=user]', (list) => list.labels.length === 1 && list.labels[0].innerText.startsWith('User')), 'the list of users has a label');
  await shot('choice-1280');

  await page.click('[data-testid=sample]');
  await state(page, 'done', 'failed', 'refused');
  check(await name(page) === 'done', `a form uploads the sample to the first route: ${await text(page, 'status')} ${await text(page, 'alert')}`);
  check(/"fields"/.test(await text(page, 'ask-exchange')) && /"policy"/i.test(await text(page, 'ask-exchange')), 'the answer of the API is shown with its fields');
  await shot('choice-done-1280');

  // By keyboard: the second route, then the second issuer.
  await page.focus('.route input');
  await page.keyboard.press('ArrowDown');
  check(await page.$eval('[data-testid=route-avatars] input', (input) => input.checked && input === document.activeElement), 'an arrow key chooses the next route');
  check(await page.$eval('[data-testid=route-avatars]', (label) => getComputedStyle(label).outlineStyle === 'solid'), 'the focused route is outlined');
  await page.selectOption('[data-testid=issuer]', { label: 'staff' });
  await page.click('[data-testid=sample]');
  await state(page, 'done', 'failed', 'refused');
  check(await name(page) === 'done', `alice uploads to avatars with a token of the issuer staff: ${await text(page, 'status')} ${await text(page, 'alert')}`);
  check(/avatars\/staff\//.test(await text(page, 'ask-exchange')), 'the key begins with the name of the issuer');
  check(/"at\+jwt"/.test(await text(page, 'step-0')) && /"ES256"/.test(await text(page, 'step-0')), 'the issuer signs as the configuration says');

  await page.selectOption('[data-testid=user]', { label: 'bob' });
  check(/✗ bob may not/.test(await text(page, 'route-upload')) && /No groups/.test(await text(page, 'attributes')), 'bob is in no group');
  await page.check('[data-testid=route-upload] input');
  await page.click('[data-testid=sample]');
  await state(page, 'done', 'failed', 'refused');
  const alert = await text(page, 'alert');
  const problem = await text(page, 'step-1');
  check(await name(page) === 'refused' && alert.includes('403') && /"status": 403/.test(problem), `the API denies bob's upload, and the page shows its answer: ${alert}`);
  check(/sample.*refused/.test(await page.innerText('[data-testid=history-item]')), 'the history lists the denied upload');
  await shot('choice-denied-1280');

  for (const [file, options] of [['choice-390', { viewport: { width: 390, height: 844 } }], ['choice-dark-390', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }]]) {
    const other = await (await browser.newContext(options)).newPage();
    watch(other, problems);
    await other.goto(base);
    await state(other, 'ready');
    await other.click('[data-testid=sample]');
    await state(other, 'done');
    const wide = await other.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    check(!wide, `390 pixels need no horizontal scrolling (${file})`);
    const low = await lowContrast(other);
    check(low.length === 0, `every text has a contrast of 4.5${low.map((one) => `: ${one}`).join('')}`);
    await other.screenshot({ path: `${screenshots}/${file}.png`, fullPage: true });
  }
  check(external.length === 0, `the page loads nothing from other machines${external.join(' ')}`);

  const server = await otherPage();
  const app = await (await browser.newContext()).newPage();
  await app.goto(`http://127.0.0.1:${otherPort}/`);
  const outcome = await app.evaluate(async (api) => {
    const token = await (await fetch(`${api}dev/token?user=alice`)).text();
    const body = { route: 'avatars', contentType: 'image/png', contentLength: 5 };
    const grant = await (await fetch(`${api}upload-url`, { method: 'POST', headers: { 'X-Upload-Token': `Bearer ${token}`, 'Content-Type': 'application/json' }, body: JSON.stringify(body) })).json();
    const stored = await fetch(grant.uploadUrl, { method: grant.method, headers: grant.headers, body: 'hello' });
    const password = await fetch(`${api}dev/config.json`).then(() => 'readable', () => 'hidden');
    return { stored: stored.status, password };
  }, base);
  check(outcome.stored === 200, 'a page of an admitted origin gets a token, a grant, and uploads');
  check(outcome.password === 'hidden', 'and does not read the password of the users');
  server.close();
  check(problems.length === 0, `the console is clean${problems.map((problem) => `: ${problem}`).join('')}`);
});
