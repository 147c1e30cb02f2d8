// Uploads that an earlier page did not finish. The client keeps what it needs to continue them, and the page who uploaded where.

import { interrupted } from '/client.js';
import { authorization, sameChoice } from '/calls.js';
import { bytes, el, find } from '/elements.js';
import { begin } from '/input.js';
import { page } from '/page.js';
import { account } from '/session.js';
import { add } from '/uploads.js';
import { showMessage } from '/view.js';

/** What this page keeps: the run of the dev server, and by key the names of the choice. There is nothing secret in it. */
const STORE = 'upsign-dev';

function read() {
  try {
    return JSON.parse(localStorage.getItem(STORE)) ?? {};
  } catch {
    return {};
  }
}

function write(value) {
  try {
    localStorage.setItem(STORE, JSON.stringify(value));
  } catch {
    // A browser without storage does not keep the upload either.
  }
}

const names = ({ user, issuer, route }) => ({ user: { name: user.name }, issuer: { name: issuer.name }, route: { name: route.name } });

/** Returns the choice of an interrupted upload: that of today if the page does not know it. */
const choiceOf = ({ key }) => sameChoice(page.config, read().choices?.[key] ?? names(page.choice));

function remember({ grant, choice }) {
  const { choices = {} } = read();
  const recent = Object.entries(choices).slice(-20);
  write({ run: page.config.run, choices: { ...Object.fromEntries(recent), [grant.key]: names(choice) } });
}

async function discard(record) {
  const choice = choiceOf(record);
  const tokenHeader = Object.keys(authorization(page.config, ''))[0];
  const token = async (why) => (await account(choice, why)).token;
  await record.discard({ uploads: page.config.uploadsPath, token, tokenHeader, retries: 1 });
}

const isSame = ({ name, size, lastModified }, file) => file.name === name && file.size === size && file.lastModified === lastModified;

/** Asks for the file of an upload again, where the browser has kept no way to it. */
function choose(record) {
  const input = el('input', { type: 'file', class: 'hidden', 'data-testid': 'again-input', 'aria-label': `The file ${record.name} again`, tabindex: '-1' });
  input.addEventListener('cancel', () => input.remove());
  input.addEventListener('change', () => {
    const [file] = input.files;
    input.remove();
    if (file && isSame(record, file)) begin([file], choiceOf(record));
    else if (file) showMessage(`This is another file: ${record.name} had ${bytes(record.size)} when its upload began, and was last changed ${new Date(record.lastModified).toLocaleString()}.`, 'bad');
  });
  find('interrupted').append(input);
  input.click();
}

async function resume(record) {
  // Asked at once: the browser permits it only while a click is handled.
  const handle = await record.handle().catch(() => undefined);
  if (handle) add([handle], choiceOf(record));
  else choose(record);
}

function rowOf(record) {
  const button = (name, label, run) => {
    const element = el('button', { type: 'button', class: 'button small', 'data-testid': name, 'aria-label': `${label}: ${record.name}` }, label);
    element.addEventListener('click', () => run(record));
    return element;
  };
  return el('li', { 'data-testid': 'interrupted-item' },
    el('p', {}, el('strong', {}, record.name), ` ${bytes(record.loaded)} of ${bytes(record.size)} are stored, by an earlier visit to this page.`),
    el('div', { class: 'upload-actions' },
      button('continue', 'Continue', resume),
      button('discard', 'Discard', async () => {
        await discard(record).catch((error) => showMessage(`${record.name} could not be discarded: ${error.words ?? error.message}`, 'bad'));
        await show();
      })));
}

/** Returns the interrupted uploads of this dev server that no row of the list stands for. */
async function list() {
  const all = await interrupted();
  const own = page.uploads.filter(({ isOver }) => !isOver).map(({ grant }) => grant?.key);
  return all.filter(({ endpoint, key }) => new URL(endpoint).origin === location.origin && !own.includes(key));
}

let shown;

/** Shows the list, unless nothing has changed: a button that has the focus stays. */
async function show() {
  const records = await list();
  const now = JSON.stringify(records);
  if (now === shown) return;
  shown = now;
  find('interrupted').hidden = records.length === 0;
  find('interrupted-list').replaceChildren(...records.map(rowOf));
}

/** Discards what an earlier run of the dev server knew: its bucket is gone, and so are the keys of its tokens. */
async function forgetOtherRun() {
  const { run } = read();
  if (run === page.config.run) return;
  const records = await list();
  for (const record of records) await discard(record).catch(() => {});
  write({ run: page.config.run });
  // The uploads of this page begin anew by themselves.
  if (records.length > 0 && page.running.length === 0) showMessage('An interrupted upload of an earlier start cannot go on: “upsign dev” began with an empty bucket.');
}

/** When the list is read, in milliseconds after the configuration: a page that was just left may still hold its uploads. */
const LOOKS = [0, 500, 1500, 5000];

page.on('config', async () => {
  await forgetOtherRun();
  for (const delay of LOOKS) setTimeout(show, delay);
});
page.on('change', ({ upload, what }) => {
  if (what === 'grant' && upload.grant.method === 'MULTIPART') remember(upload);
  if ((what === 'grant' && upload.grant.method === 'MULTIPART') || (what === 'state' && (upload.isOver || upload.state === 'paused'))) show();
});
