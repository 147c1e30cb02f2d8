// "What happens": the four steps of the upload that is shown.

import { el, clock, copyButton, duration, exchangeView, facts, find, folded, json } from '/elements.js';
import { page } from '/page.js';

const STATE_WORDS = { idle: '', active: 'in progress', ok: 'done', refused: 'refused', failed: 'failed' };
const GLYPHS = { ok: '✓', refused: '✗', failed: '!' };

/** The page keeps the requests of a few parts. */
const SHOWN_PARTS = 3;

/** Sets the state of a step and its content. */
function showStep(number, { status, took }, content) {
  const step = find(`step-${number}`);
  step.dataset.status = status;
  step.querySelector('.dot').textContent = GLYPHS[status] ?? String(number);
  step.querySelector('.state-word').textContent = STATE_WORDS[status];
  step.querySelector('.took').textContent = took === undefined || ['idle', 'active'].includes(status) ? '' : duration(took);
  step.querySelector('.body').replaceChildren(...content);
}

const errorView = ({ words, exchange }, own = exchange) => [el('p', { class: 'verdict bad' }, words ?? 'This page has a bug.'), ...(own ? [exchangeView(own)] : [])];

function signInView({ account }) {
  if (!account) return [];
  const { shownToken, header, claims, exchange, isReused } = account;
  return [
    facts(
      ['you are', el('code', {}, claims.sub), 'subject'],
      ['token', el('code', {}, shownToken)],
      ['valid until', `${clock(claims.exp)}${isReused ? ' (still valid, used again)' : ''}`],
    ),
    folded('Claims in the token', json(header), el('div', { 'data-testid': 'claims' }, json(claims))),
    folded('Request to the issuer', exchangeView(exchange)),
  ];
}

function uploadUrlView({ exchange, isResumed }, { grant }) {
  const copies = [copyButton('Copy the key', grant.key, { 'data-testid': 'copy-key' })];
  if (grant.uploadUrl) copies.push(copyButton('Copy the URL', grant.uploadUrl, { 'data-testid': 'copy-url' }));
  return [
    facts(['key', el('code', {}, grant.key), 'key']),
    el('div', { class: 'copies' }, copies),
    isResumed && el('p', { class: 'hint' }, 'This upload was interrupted. Its permission is still valid, so that the page only asked what is stored.'),
    exchange && exchangeView(exchange, 'ask-exchange'),
  ].filter(Boolean);
}

function sendView(_, { exchanges, result, grant, file }) {
  const sent = exchanges.filter(({ kind, status }) => kind === 'object' && status);
  if (sent.length > 0) {
    const { etag, ...last } = sent.at(-1);
    return [
      facts(['stored, ETag', el('code', {}, etag ?? 'not readable'), 'etag']),
      grant.uploadUrl && grant.method === 'PUT' && copyButton('Copy as curl', curl(grant, file), { 'data-testid': 'copy-curl' }),
      exchangeView(last, 'put-exchange'),
    ].filter(Boolean);
  }
  const parts = exchanges.filter(({ kind, status }) => kind === 'part' && status);
  const complete = exchanges.findLast(({ kind }) => kind === 'complete');
  return [
    facts(['parts', String(grant?.partCount ?? ''), 'part-count'], ['stored, ETag', el('code', {}, result?.etag ?? 'not readable'), 'etag']),
    parts.length > 0 && folded(`Requests of the last ${Math.min(SHOWN_PARTS, parts.length)} parts`, parts.slice(-SHOWN_PARTS).map((part) => exchangeView(part))),
    complete && folded('Request that completes the upload', exchangeView(complete, 'complete-exchange')),
  ].filter(Boolean);
}

/** The upload as a command. A file in quotes can have every name. */
const quote = (text) => `'${text.replace(/'/g, "'\\''")}'`;
const curl = ({ uploadUrl, headers = {} }, { name }) => [
  `curl -sS -w '%{http_code}\\n' --upload-file ${quote(name)}`,
  ...Object.entries(headers).filter(([header]) => header.toLowerCase() !== 'content-length').map(([header, value]) => `-H ${quote(`${header}: ${value}`)}`),
  quote(uploadUrl),
].join(' \\\n  ');

let storedUrl;

const mark = (good) => el('span', { class: good ? 'mark good' : 'mark bad' }, good ? '✓ same' : '✗ differs');

function storedView({ stored }) {
  if (!stored) return [];
  const { sent, isSame, blob } = stored;
  if (storedUrl) URL.revokeObjectURL(storedUrl);
  storedUrl = blob && URL.createObjectURL(blob);
  const image = blob && el('img', { src: storedUrl, alt: 'The stored object, as S3 returned it', 'data-testid': 'stored-image' });
  if (image) image.onerror = () => image.remove(); // not a picture
  const row = (name, mine, theirs, testid, shown = mine) => el('tr', {}, el('th', { scope: 'row' }, name), el('td', { 'data-testid': `${testid}-sent` }, shown), el('td', { 'data-testid': `${testid}-stored` }, theirs), el('td', {}, mark(mine === theirs)));
  const type = sent.fileType === sent.type ? sent.type : `${sent.fileType || 'none'}, signed as ${sent.type}`;
  return [
    el('div', { class: 'stored' }, image,
      el('p', { class: 'verdict', 'data-testid': 'verdict' }, isSame ? 'The stored object is your file, bit for bit.' : 'The stored object differs from your file.')),
    el('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Your file and the stored object compared' }, el('table', {},
      el('thead', {}, el('tr', {}, el('td'), el('th', { scope: 'col' }, 'your file'), el('th', { scope: 'col' }, 'stored'), el('td'))),
      el('tbody', {},
        row('type', sent.type, stored.type, 'type', type),
        row('bytes', String(sent.size), String(stored.size), 'size'),
        stored.sha256 ? row('SHA-256', sent.sha256, stored.sha256, 'sha') : row('equal bytes', String(sent.size), String(stored.compared), 'compared')))),
    ...(stored.confirmed ? [facts(['state', el('code', {}, stored.confirmed.state), 'state']), folded('Confirmation by the API', exchangeView(stored.confirmed.exchange))] : []),
    folded('Request to S3', exchangeView(stored.exchange)),
  ];
}

const VIEWS = [signInView, uploadUrlView, sendView, storedView];

function stepView(number, step, upload) {
  const { status, failure } = step;
  if (number === 3 && step.stored) return storedView(step);
  if (failure) return errorView(failure, failure.exchange ?? (number > 0 ? upload.lastOf(number === 2 ? 'store' : 'api') : undefined));
  return status === 'ok' ? VIEWS[number](step, upload) : [];
}

const IDLE = [0, 1, 2, 3].map(() => ({ status: 'idle' }));
let drawn = [];

/** Draws the steps that have changed. */
function draw() {
  const upload = page.shown;
  const route = (upload?.choice ?? page.choice)?.route;
  find('send-title').textContent = upload?.grant?.method === 'MULTIPART' ? 'Send the file to S3 in parts' : route?.method === 'POST' ? 'POST the file to S3 as a form' : 'PUT the file to S3';
  find('step-3').querySelector('.what').textContent = upload && route?.confirm ? 'Confirm it, then read it back' : 'Read it back';
  (upload?.steps ?? IDLE).forEach((step, number) => {
    if (drawn[number] === step) return;
    drawn[number] = step;
    showStep(number, step, upload ? stepView(number, step, upload) : []);
  });
  page.emit('drawn', upload);
}

page.on('show choice', () => {
  drawn = [];
  draw();
});
page.on('change', ({ upload, what }) => {
  if (what === 'step' && upload === page.shown) draw();
});
