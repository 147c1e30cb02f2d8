// The display: creates elements from values. Text becomes text nodes, never markup.

const find = (id) => document.querySelector(`[data-testid="${id}"]`);

/** Creates an element with attributes and children; `null` and `false` children are left out. */
function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) node.setAttribute(key, value);
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== false && child !== undefined));
  return node;
}

/** 1234567 → "1.2 MB". */
export function bytes(count) {
  if (count < 1000) return `${count} ${count === 1 ? 'byte' : 'bytes'}`;
  const [value, unit] = count < 1e6 ? [count / 1e3, 'kB'] : [count / 1e6, 'MB'];
  return `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`;
}

/** Formats a limit in powers of 1024, as the policy does. */
const limit = (count) => (count % 1048576 === 0 ? `${count / 1048576} MiB` : count % 1024 === 0 ? `${count / 1024} KiB` : bytes(count));

const duration = (ms) => (ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`);

const JSON_WORD = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d[\d.eE+-]*/g;

/** Renders pretty-printed JSON with names, strings and numbers highlighted. */
function json(value) {
  const text = JSON.stringify(value, null, 2);
  const parts = [];
  let done = 0;
  for (const match of text.matchAll(JSON_WORD)) {
    parts.push(text.slice(done, match.index));
    const [word, quoted, colon] = match;
    if (quoted && colon) parts.push(el('span', { class: 'name' }, quoted), colon);
    else parts.push(el('span', { class: quoted ? 'text' : 'number' }, word));
    done = match.index + word.length;
  }
  parts.push(text.slice(done));
  return el('pre', { tabindex: '0' }, parts);
}

/** Renders a URL with one query parameter per line. */
function urlLines(url) {
  const [path, query] = url.split('?');
  const lines = (query ?? '').split('&').filter(Boolean).map((pair, index) => {
    const [name, value = ''] = pair.split('=');
    return el('span', { class: 'parameter' }, index ? '&' : '?', el('span', { class: 'name' }, name), '=', el('span', { class: name === 'X-Amz-Signature' ? 'secret' : 'text' }, value));
  });
  return el('span', { class: 'url' }, path, lines);
}

const headerLines = (pairs) => pairs.map(([name, value]) => el('span', { class: 'header' }, el('span', { class: 'name' }, name), `: ${value}`));

const statusWord = (status) => el('span', { class: `badge ${status < 300 ? 'good' : 'bad'}` }, String(status));

/** Renders a request and its response. */
function exchangeView({ method, url, requestHeaders = [], requestBody, status, responseHeaders = [], responseBody }, testid) {
  return el('div', { class: 'exchange', 'data-testid': testid },
    el('div', { class: 'wire', tabindex: '0', role: 'group', 'aria-label': 'Request' }, el('span', { class: 'line' }, el('b', {}, method), ' ', urlLines(url)), headerLines(requestHeaders)),
    requestBody !== undefined && json(requestBody),
    el('p', { class: 'answer', 'data-status': String(status) }, 'Answer ', statusWord(status)),
    responseHeaders.length > 0 && el('div', { class: 'wire' }, headerLines(responseHeaders)),
    responseBody !== undefined && json(responseBody));
}

const folded = (title, ...children) => el('details', {}, el('summary', {}, title), ...children);

// ---- fixed elements of the page ----

export const parts = {
  input: find('file-input'),
  drop: find('drop-zone'),
  sample: find('sample'),
  cheats: [...document.querySelectorAll('[data-cheat]')],
};

/** Sets the state that tests read: starting, ready, signing-in, asking, uploading, done, refused or failed. */
export const setState = (state) => { document.body.dataset.state = state; };

/** Sets the status line under the photo; `tone` is "", "good" or "bad". */
export function showMessage(text, tone = '') {
  const line = find('status');
  line.textContent = text;
  line.dataset.tone = tone;
}

/** The size of the sample photo. */
const PHOTO_BYTES = 29431;

const TYPE_NAMES = { 'image/jpeg': 'JPEG', 'image/png': 'PNG', 'image/webp': 'WebP', 'image/avif': 'AVIF', 'image/gif': 'GIF' };

/** Returns whether the policy allows the sample photo. */
export const takesPhoto = ({ policy }) => policy.types.some((type) => type === 'image/jpeg' || type === 'image/*') && policy.minSize <= PHOTO_BYTES && PHOTO_BYTES <= policy.maxSize;

/** What the page calls a file that the policy allows. */
export const noun = (config) => (takesPhoto(config) ? 'photo' : 'file');

/** Replaces the words about files, if the policy allows the sample photo. */
function showPhotos() {
  document.getElementById('headline').textContent = 'Your photo goes straight to S3.';
  document.getElementById('upload-title').textContent = 'Upload a photo';
  document.getElementById('cheat-hint').textContent = 'Upload a photo first. Then send requests that the upload URL does not allow, and see how S3 answers.';
  parts.drop.querySelector('strong').textContent = 'Drop a photo here';
  parts.sample.querySelector('span').textContent = 'Use the sample photo';
  parts.sample.querySelector('img').hidden = false;
  find('stored-lane').textContent = '2 the photo';
}

const minutes = (seconds) => (seconds < 90 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`);

export function showConfig(config) {
  if (takesPhoto(config)) showPhotos();
  const types = config.policy.types.map((type) => TYPE_NAMES[type] ?? type);
  find('policy').replaceChildren(`${types.join(', ')} up to ${limit(config.policy.maxSize)}. An upload URL is valid for ${minutes(config.policy.expiresIn)}.`, ...(config.route ? [' Route ', el('code', {}, config.route), '.'] : []));
  find('policy').title = `Keys: ${config.policy.keyTemplate}`;
  find('account').replaceChildren('bucket ', el('code', {}, config.bucket), ' in ', el('code', {}, config.region), ' as ', el('code', {}, config.pool.username));
  parts.input.setAttribute('accept', config.policy.types.join(','));
  where('pool', new URL(config.pool.endpoint).host);
  where('api', new URL(config.api).host + config.uploadUrlPath);
  if (config.s3) where('s3', new URL(config.s3).host);
}

export const where = (place, text) => { document.querySelector(`[data-where="${place}"]`).textContent = text; };

/** Shows an error: what happened, and what to do. */
export function showAlert(error) {
  const box = find('alert');
  box.hidden = !error;
  if (!error) return box.replaceChildren();
  const status = error.status ? [statusWord(error.status), ' ', error.code ? el('code', {}, error.code) : null] : [];
  return box.replaceChildren(el('p', { class: 'alert-title' }, error.words ?? 'This page has a bug.', ' ', ...status), el('p', {}, error.advice ?? String(error.message)));
}

let previewUrl;

export function showFile(file) {
  if (previewUrl) URL.revokeObjectURL(previewUrl);
  previewUrl = URL.createObjectURL(file);
  const image = find('preview');
  parts.drop.classList.add('has-photo');
  image.hidden = false;
  image.alt = `Preview of ${file.name}`;
  image.onerror = () => { image.hidden = true; parts.drop.classList.remove('has-photo'); };
  image.src = previewUrl;
  const line = find('file');
  line.hidden = false;
  line.replaceChildren(el('strong', {}, file.name), ` ${file.type || 'unknown type'}, ${bytes(file.size)}`);
}

export function showProgress(sent, total) {
  const bar = find('progress');
  bar.parentElement.hidden = sent === null;
  if (sent === null) return;
  const percent = total ? Math.floor((sent / total) * 100) : 100;
  bar.value = percent;
  find('progress-words').textContent = `${percent} %, ${bytes(sent)} of ${bytes(total)}`;
}

// ---- the steps of an upload ----

/** Sets the state of a step (idle, active, ok, refused, failed) and its content. */
export function showStep(number, status, { took, content = [] } = {}) {
  const step = find(`step-${number}`);
  step.dataset.status = status;
  step.querySelector('.took').textContent = took === undefined ? '' : duration(took);
  step.querySelector('.body').replaceChildren(...content);
}

export function resetSteps(from) {
  for (let number = from; number < 4; number += 1) showStep(number, 'idle');
}

const facts = (...rows) => el('dl', { class: 'facts' }, rows.map(([name, value, testid]) => [el('dt', {}, name), el('dd', { 'data-testid': testid }, value)]));

/** Formats a time in seconds since 1970, as in a claim. */
const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString();

export const signInView = ({ shownToken, header, claims, exchange }, reused) => [
  facts(
    ['you are', el('code', {}, claims.sub), 'subject'],
    ['token', el('code', {}, shownToken)],
    ['valid until', `${clock(claims.exp)}${reused ? ' (still valid, used again)' : ''}`],
  ),
  folded('Claims in the token', json(header), el('div', { 'data-testid': 'claims' }, json(claims))),
  folded('Request to the user pool', exchangeView(exchange)),
];

export const uploadUrlView = ({ exchange }) => [exchangeView(exchange, 'ask-exchange')];

export const putView = ({ exchange, etag }) => [
  facts(['stored, ETag', el('code', {}, etag ?? 'not readable'), 'etag']),
  exchangeView(exchange, 'put-exchange'),
];

let storedUrl;

export function storedView(sent, stored) {
  if (storedUrl) URL.revokeObjectURL(storedUrl);
  storedUrl = URL.createObjectURL(stored.blob);
  const image = el('img', { src: storedUrl, alt: 'The stored object, as S3 returned it', 'data-testid': 'stored-image' });
  image.onerror = () => image.remove(); // not a picture
  const row = (name, mine, theirs, testid) => el('tr', {}, el('th', { scope: 'row' }, name), el('td', { 'data-testid': `${testid}-sent` }, mine), el('td', { 'data-testid': `${testid}-stored` }, theirs), el('td', {}, mark(mine === theirs)));
  return [
    el('div', { class: 'stored' },
      image,
      el('p', { class: 'verdict', 'data-testid': 'verdict' }, isSame(sent, stored) ? 'The stored object is your file, bit for bit.' : 'The stored object differs from your file.')),
    el('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Your file and the stored object compared' }, el('table', {},
      el('thead', {}, el('tr', {}, el('td'), el('th', { scope: 'col' }, 'your file'), el('th', { scope: 'col' }, 'stored'), el('td'))),
      el('tbody', {},
        row('type', sent.type, stored.type, 'type'),
        row('bytes', String(sent.size), String(stored.size), 'size'),
        row('SHA-256', sent.sha256, stored.sha256, 'sha')))),
    folded('Request to S3', exchangeView(stored.exchange)),
  ];
}

export const isSame = (sent, stored) => sent.sha256 === stored.sha256 && sent.size === stored.size && sent.type === stored.type;

const mark = (good) => el('span', { class: good ? 'mark good' : 'mark bad' }, good ? '✓ same' : '✗ differs');

/** Renders the error that ended a step. */
export const errorView = (error) => [
  el('p', { class: 'verdict bad' }, error.words ?? 'This page has a bug.'),
  ...(error.exchange ? [exchangeView(error.exchange)] : []),
];

// ---- uploads that S3 must refuse ----

export function allowCheats() {
  for (const button of parts.cheats) button.disabled = false;
  document.getElementById('cheat-hint').textContent = 'Each button requests a new upload URL, or reuses the last one, and sends a request that the URL does not allow.';
}

export function showCheat(button, { explanation, refusal, exchange }) {
  for (const other of parts.cheats) other.classList.toggle('chosen', other === button);
  button.dataset.outcome = refusal ? 'refused' : exchange ? 'accepted' : 'trying';
  const box = find('cheat-result');
  box.hidden = false;
  box.dataset.outcome = button.dataset.outcome;
  const verdict = refusal
    ? [el('p', { class: 'cheat-verdict' }, 'S3 refused it. ', el('span', { class: 'badge bad', 'data-testid': 'cheat-status' }, String(refusal.status)), ' ', el('code', { 'data-testid': 'cheat-code' }, refusal.code)), el('p', {}, refusal.words)]
    : exchange
      ? [el('p', { class: 'cheat-verdict' }, 'S3 accepted it. ', statusWord(exchange.status)), el('p', {}, 'The policy of this run does not forbid this.')]
      : [];
  const shown = refusal?.exchange ?? exchange;
  box.replaceChildren(el('p', { class: 'cheat-what' }, explanation), ...verdict, ...(shown ? [folded('Request to S3', exchangeView(shown))] : []));
}

// ---- history ----

/** Adds an attempt at the top of the list, which keeps twenty. */
export function addHistory({ file, title, detail, outcome }) {
  find('history-empty').hidden = true;
  const list = find('history');
  const image = el('img', { alt: '', width: '52', height: '39', src: URL.createObjectURL(file) });
  image.onload = () => URL.revokeObjectURL(image.src);
  image.onerror = () => image.replaceWith(el('span', { class: 'no-photo' }));
  const label = { stored: 'stored', refused: 'refused', failed: 'failed', accepted: 'accepted' }[outcome];
  list.prepend(el('li', { 'data-testid': 'history-item', 'data-outcome': outcome }, image,
    el('div', {}, el('p', {}, el('strong', {}, title), ' ', el('span', { class: `badge ${outcome === 'stored' ? 'good' : 'bad'}` }, label)), el('p', { class: 'small' }, detail)),
    el('time', {}, new Date().toLocaleTimeString())));
  while (list.children.length > 20) list.lastElementChild.remove();
}
