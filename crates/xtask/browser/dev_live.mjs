// usage: dev_live.mjs UPSIGN SCREENSHOTS
// Saves the configuration of `upsign dev --config` while its page is open, also one that is not valid and during an upload; and stops
// and starts the server. The page follows without a reload.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { check, withPage } from './chromium.mjs';
import { auditEverywhere, rows, state, throttle, watch } from './dev_tools.mjs';

const [upsign, screenshots] = process.argv.slice(2);
fs.mkdirSync(screenshots, { recursive: true });
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'upsign-live-'));
const config = path.join(folder, 'upsign.toml');
const MIB = 1 << 20;
/** Refusals that the test provokes, requests to a server that is stopped, and the upload token of its earlier start (403). */
const EXPECTED = /^Failed to load resource: .*(status of (403|404|413|502)\b|ERR_)/;

const text = ({ max = '50 MiB', groups = '', bucket = 'live-bucket', client = 'client', more = '' }) => `[upload]
key = "files/{sub}/{id}.{ext}"
types = ["video/mp4", "application/pdf"]
max_size = "${max}"
bodyless = "refuse"
multipart = "auto"
multipart_above = "6 MiB"
part_size = "5 MiB"
${groups}
${more}
[bucket]
name = "${bucket}"
region = "eu-central-1"
[auth]
user_pool = "eu-central-1_AbCdEf123"
client_ids = ["${client}"]
token_use = "access"
[cors]
origins = ["https://app.example.com"]
[token]
keys = ["env:UPSIGN_TOKEN_SECRET"]
`;

const EXTRA = '[route.extra]\nbucket = "extra-bucket"\nkey = "extra/{id}.pdf"\ntypes = ["application/pdf"]\nmax_size = "2 MiB"\nbodyless = "refuse"';

/** Saves the file as editors do: another file, which then takes its name. */
function save(settings) {
  fs.writeFileSync(`${config}.new`, typeof settings === 'string' ? settings : text(settings));
  fs.renameSync(`${config}.new`, config);
}

/** Starts the server, and resolves to what it prints and how to stop it. */
async function start(port) {
  const child = spawn(upsign, ['dev', '--listen', `127.0.0.1:${port}`, '--json', '--config', config], { stdio: ['ignore', 'pipe', 'pipe'] });
  const server = { errors: '' };
  child.stderr.on('data', (data) => { server.errors += data; });
  const ended = new Promise((resolve) => { child.on('exit', resolve); });
  server.stop = () => { child.kill('SIGINT'); return ended; };
  server.ready = await new Promise((resolve, reject) => {
    let out = '';
    child.stdout.on('data', (data) => { out += data; if (out.includes('\n')) resolve(JSON.parse(out)); });
    ended.then((code) => reject(new Error(`upsign dev ended with ${code}: ${server.errors}`)));
  });
  return server;
}

const says = (page, id, words) => page.waitForFunction(([name, part]) => document.querySelector(`[data-testid=${name}]`).textContent.includes(part), [id, words], { timeout: 20_000 });
const input = (page, name, size, mimeType) => page.setInputFiles('[data-testid=file-input]', { name, mimeType, buffer: Buffer.alloc(size, name) });

/** Files that are saved while the page is open. */
async function saves(page, server) {
  check(/up to 50 MiB/.test(await page.innerText('[data-testid=policy]')), 'the page shows the policy of the file');
  save({ max: '1 MiB', more: 'methods = []\n[route.extra]\nbucket = "extra-bucket"\nkey = "extra/{id}.pdf"\ntypes = ["application/pdf"]\nmax_size = "2 MiB"\nbodyless = "refuse"' });
  await says(page, 'config-error', 'is not valid');
  const error = await page.innerText('[data-testid=config-error]');
  check(/upsign\.toml:\d+:\d+/.test(error) && /methods/.test(error), `a file that is not valid is shown with its place and key: ${error.replaceAll('\n', ' ')}`);
  check(/up to 50 MiB/.test(await page.innerText('[data-testid=policy]')), 'the one before it stays in use');
  check(/methods/.test(server.errors) && /stays in use/.test(server.errors), 'the terminal says so as well');
  await auditEverywhere(page, 'config-error', screenshots);

  save({ max: '1 MiB', more: EXTRA });
  await says(page, 'policy', 'up to 1 MiB');
  check(await page.isHidden('[data-testid=config-error]'), 'the corrected file is in use, and the error is gone');
  check(/was saved: served from now on are upload, extra/.test(server.errors), 'the terminal names the routes');
  await page.check('[data-testid=route-extra] input');
  await input(page, 'new.pdf', 5000, 'application/pdf');
  await rows(page, 1, 'done');
  check(/extra\//.test(await page.innerText('[data-testid=key]')), 'a new route with a new bucket takes files');
  save({ max: '1 MiB' });
  await says(page, 'reloaded', 'Route extra is gone: upload is chosen now.');
  check(true, 'the page says that the chosen route is gone, and which one it uses');
  save({ max: '1 MiB', more: EXTRA });
  await page.waitForFunction(() => document.querySelector('[data-testid=route-extra] input')?.checked, null, { timeout: 20_000 });
  check(true, 'a route that is back is chosen again');
  await page.check('[data-testid=route-upload] input');

  save({ groups: 'groups = ["editors"]' });
  await page.waitForFunction(() => /group editors/.test(document.querySelector('[data-testid=routes]').textContent), null, { timeout: 20_000 });
  await input(page, 'group.pdf', 5000, 'application/pdf');
  await page.waitForFunction(() => /group\.pdf is in S3/.test(document.querySelector('[data-testid=status]').textContent), null, { timeout: 20_000 });
  check(true, 'the user gets the group that the route now requires, with a new token');
}

/** A file that is saved during an upload. */
async function duringUpload(page) {
  await throttle(page, 5 * MIB);
  await input(page, 'movie.mp4', 30 * MIB, 'video/mp4');
  await page.waitForFunction(() => document.querySelector('[data-testid=upload]:last-child [data-testid=progress]')?.value > 20, null, { timeout: 20_000 });
  save({ max: '2 MiB', groups: 'method = "put"' });
  await says(page, 'policy', 'up to 2 MiB');
  await throttle(page, 0);
  await page.waitForFunction(() => /movie\.mp4 is in S3/.test(document.querySelector('[data-testid=status]').textContent), null, { timeout: 30_000 });
  check(true, 'an upload that was granted before the file was saved is stored, although it would not be granted now');
  await input(page, 'movie2.mp4', 30 * MIB, 'video/mp4');
  await page.waitForSelector('[data-testid=upload][data-state=refused]');
  check(/413/.test(await page.innerText('[data-testid=alert]')), 'and the next one is refused');
  save({});
  await says(page, 'policy', 'up to 50 MiB');
  await page.click('[data-testid=upload][data-state=refused] [data-testid=retry]');
  await page.waitForFunction(() => /movie2\.mp4 is in S3/.test(document.querySelector('[data-testid=status]').textContent), null, { timeout: 30_000 });
  check(true, 'with the corrected file, trying again is enough');
}

/** Another `[auth]`: the servers begin anew in the same process. */
async function otherIssuer(page) {
  save({ client: 'other-client' });
  await says(page, 'reloaded', 'was saved with another [auth]');
  await input(page, 'issuer.pdf', 5000, 'application/pdf');
  await page.waitForFunction(() => /issuer\.pdf is in S3/.test(document.querySelector('[data-testid=status]').textContent), null, { timeout: 20_000 });
  check(true, 'with another [auth], the page signs in anew and uploads');
}

/** The server ends, and is started again at the same address, while an upload runs. */
async function restart(page, server, port) {
  await throttle(page, 2 * MIB);
  await input(page, 'restart.mp4', 20 * MIB, 'video/mp4');
  await page.waitForFunction(() => document.querySelector('[data-testid=upload]:last-child [data-testid=progress]')?.value > 10, null, { timeout: 20_000 });
  await server.stop();
  await says(page, 'connection', 'The dev server does not answer');
  await auditEverywhere(page, 'silent', screenshots);
  const second = await start(port);
  await says(page, 'reloaded', 'was started again');
  await page.waitForFunction(() => document.querySelector('[data-testid=connection]').hidden);
  check(true, 'a server that was started again is found without a reload');
  await throttle(page, 0);
  await page.waitForFunction(() => /restart\.mp4 is in S3/.test(document.querySelector('[data-testid=status]').textContent), null, { timeout: 40_000 });
  check(true, 'the upload that ran begins again by itself, and is stored in the new bucket');
  return second;
}

save({});
let server = await start(0);
const port = new URL(server.ready.page).port;
await withPage(async (page) => {
  const problems = watch(page, EXPECTED);
  await page.goto(server.ready.page);
  await state(page, 'ready');
  await saves(page, server);
  await duringUpload(page);
  await otherIssuer(page);
  server = await restart(page, server, port);
  check(problems.length === 0, `the console is clean${problems.map((problem) => `: ${problem}`).join('')}`);
});
await server.stop();
fs.rmSync(folder, { recursive: true });
