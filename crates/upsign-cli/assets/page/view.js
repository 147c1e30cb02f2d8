// The display: creates elements from values. Text becomes text nodes, never markup.

import { diagnosisView } from '/diagnosis.js';

const find = (id) => document.querySelector(`[data-testid="${id}"]`);

/** Creates an element with attributes and children; `null` and `false` children are left out. */
export function el(name, attributes = {}, ...children) {
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

export const folded = (title, ...children) => el('details', {}, el('summary', {}, title), ...children);

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

/** Returns whether a route takes the sample photo. */
export const takesPhoto = ({ types, minSize, maxSize }) => types.some((type) => type === 'image/jpeg' || type === 'image/*') && minSize <= PHOTO_BYTES && PHOTO_BYTES <= maxSize;

/** What the page calls a file that a route takes. */
export const noun = (route) => (takesPhoto(route) ? 'photo' : 'file');

const CHEAT_HINT = 'first. Then send requests that the upload URL does not allow, and see how S3 answers.';

/** Sets the words about files: the page speaks of photos if the route takes the sample photo. */
function showNoun(route) {
  const word = noun(route);
  document.getElementById('headline').textContent = `Your ${word} goes straight to S3.`;
  document.getElementById('upload-title').textContent = `Upload a ${word}`;
  if (parts.cheats[0].disabled) document.getElementById('cheat-hint').textContent = `Upload a ${word} ${CHEAT_HINT}`;
  parts.drop.querySelector('strong').textContent = `Drop a ${word} here`;
  parts.sample.querySelector('span').textContent = word === 'photo' ? 'Use the sample photo' : 'Use a sample file';
  parts.sample.querySelector('img').hidden = word !== 'photo';
  find('stored-lane').textContent = `2 the ${word}`;
}

const minutes = (seconds) => (seconds < 90 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`);

const typeNames = ({ types }) => types.map((type) => TYPE_NAMES[type] ?? type).join(', ');

const or = (names) => (names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`);

/** Returns who may use a route, in words. */
function accessWords({ groups, scopes }, issuer) {
  const words = [groups, issuer.groups].filter(Boolean).map((names) => `group ${or(names)}`);
  words.push(...[scopes, issuer.scopes].filter(Boolean).map((names) => `scope ${or(names)}`));
  return words.length === 0 ? 'Every user' : `Users with ${words.join(' and ')}`;
}

/** Renders a claim as the option --claim spells it. */
const claimWords = ([name, value]) => (typeof value === 'string' ? `${name}=${value}` : `${name}:=${JSON.stringify(value)}`);

function attributeWords({ groups, scopes, claims }) {
  const lists = [['groups', groups], ['scopes', scopes], ['claims', Object.entries(claims).map(claimWords)]];
  const words = lists.filter(([, names]) => names.length > 0).map(([what, names]) => `${what} ${names.join(', ')}`);
  const line = words.length === 0 ? 'no groups, scopes or claims' : words.join('; ');
  return `${line.charAt(0).toUpperCase()}${line.slice(1)}.`;
}

/** Renders a path that breaks after its slashes. */
const pathCode = (path) => el('code', {}, path.split(/(?<=\/)/).flatMap((part) => [part, el('wbr')]));

const select = (list, names, chosen) => {
  list.replaceChildren(...names.map((name, index) => el('option', { value: String(index) }, name)));
  list.onchange = () => chosen(Number(list.value));
};

/** Shows what can be chosen. `choose` is called with the members of a choice that the user has changed. */
export function showConfig({ users, issuers, routes, s3 }, choose) {
  const isPlain = users.length === 1 && issuers.length === 1 && routes.length === 1 && !routes[0].groups && !routes[0].scopes;
  find('choice').hidden = isPlain;
  select(find('user'), users.map(({ name }) => name), (index) => choose({ user: users[index] }));
  select(find('issuer'), issuers.map(({ name, issuer }) => name ?? issuer), (index) => choose({ issuer: issuers[index] }));
  find('issuer').parentElement.hidden = issuers.length === 1;
  find('routes').replaceChildren(...routes.map((route) => {
    const input = el('input', { type: 'radio', name: 'route', value: route.name });
    input.onchange = () => choose({ route });
    return el('label', { class: 'route', 'data-testid': `route-${route.name}` }, input,
      el('span', { class: 'route-head' }, el('strong', {}, route.name), ' ', el('span', { class: 'badge' }, route.method === 'POST' ? 'form' : 'PUT')),
      el('span', { class: 'route-what' }, `${typeNames(route)}, ${sizes(route)}`),
      el('span', { class: 'route-where' }, pathCode(`${route.bucket}/${route.keyTemplate}`)),
      el('span', { class: 'route-who', 'data-access': route.name }),
      el('span', { class: 'route-verdict', 'data-verdict': route.name }));
  }));
  where('s3', new URL(s3).host);
}

const sizes = ({ minSize, maxSize }) => (minSize > 1 ? `${limit(minSize)} to ${limit(maxSize)}` : `up to ${limit(maxSize)}`);

/** Shows who uploads and where. */
export function showChoice(config, { user, issuer, route }) {
  const { users, issuers, routes } = config;
  find('user').value = String(users.indexOf(user));
  find('issuer').value = String(issuers.indexOf(issuer));
  find('attributes').textContent = attributeWords(user);
  const denials = user.denials[issuers.indexOf(issuer)];
  for (const one of routes) {
    const label = find(`route-${one.name}`);
    label.querySelector('input').checked = one === route;
    label.dataset.permitted = String(!(one.name in denials));
    label.querySelector('[data-access]').textContent = accessWords(one, issuer);
    label.querySelector('[data-verdict]').textContent = one.name in denials ? `✗ ${user.name} may not: ${denials[one.name]}` : `✓ ${user.name} may upload here`;
  }
  showNoun(route);
  find('policy').replaceChildren(`${typeNames(route)} ${sizes(route)}. An upload URL is valid for ${minutes(route.expiresIn)}.`, ...(route.member ? [' Route ', el('code', {}, route.member), '.'] : []));
  find('policy').title = `Keys: ${route.keyTemplate}`;
  find('account').replaceChildren('bucket ', el('code', {}, route.bucket), ' in ', el('code', {}, config.region), ' as ', el('code', {}, user.name));
  parts.input.setAttribute('accept', route.types.join(','));
  find('issuer-kind').textContent = issuer.provider === 'oidc' ? 'issuer' : 'user pool';
  find('send-title').textContent = route.method === 'POST' ? 'POST the file to S3 as a form' : 'PUT the file to S3';
  where('pool', new URL(issuer.endpoint).host);
  where('api', new URL(config.api).host + config.uploadUrlPath);
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

/** Shows why the upload was refused, and moves the focus there. Without a diagnosis, nothing is shown. */
export function showDiagnosis(diagnosis) {
  const box = find('diagnosis');
  box.hidden = !diagnosis;
  box.replaceChildren(...(diagnosis ? [diagnosisView(diagnosis)] : []));
  if (diagnosis) box.focus();
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

/** Sets the title of a step. */
export const nameStep = (number, title) => { find(`step-${number}`).querySelector('.what').textContent = title; };

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
  folded('Request to the issuer', exchangeView(exchange)),
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
  const row = (name, mine, theirs, testid, shown = mine) => el('tr', {}, el('th', { scope: 'row' }, name), el('td', { 'data-testid': `${testid}-sent` }, shown), el('td', { 'data-testid': `${testid}-stored` }, theirs), el('td', {}, mark(mine === theirs)));
  const type = sent.fileType === sent.type ? sent.type : `${sent.fileType || 'none'}, signed as ${sent.type}`;
  return [
    el('div', { class: 'stored' },
      image,
      el('p', { class: 'verdict', 'data-testid': 'verdict' }, isSame(sent, stored) ? 'The stored object is your file, bit for bit.' : 'The stored object differs from your file.')),
    el('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Your file and the stored object compared' }, el('table', {},
      el('thead', {}, el('tr', {}, el('td'), el('th', { scope: 'col' }, 'your file'), el('th', { scope: 'col' }, 'stored'), el('td'))),
      el('tbody', {},
        row('type', sent.type, stored.type, 'type', type),
        row('bytes', String(sent.size), String(stored.size), 'size'),
        row('SHA-256', sent.sha256, stored.sha256, 'sha')))),
    ...(stored.confirmed ? [facts(['state', el('code', {}, stored.confirmed.state), 'state']), folded('Confirmation by the API', exchangeView(stored.confirmed.exchange))] : []),
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

export function showCheat(button, { explanation, refusal, exchange, diagnosis }) {
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
  box.replaceChildren(el('p', { class: 'cheat-what' }, explanation), ...verdict, ...(diagnosis ? [diagnosisView(diagnosis)] : []), ...(shown ? [folded('Request to S3', exchangeView(shown))] : []));
}

// ---- history ----

/** Adds an attempt at the top of the list, which keeps twenty. */
export function addHistory({ file, title, detail, outcome }) {
  find('history-empty').hidden = true;
  const list = find('history');
  const image = el('img', { alt: '', width: '52', height: '39', src: URL.createObjectURL(file) });
  image.onload = () => URL.revokeObjectURL(image.src);
  image.onerror = () => image.replaceWith(el('span', { class: 'no-photo' }));
  const label = { stored: 'stored', confirmed: 'confirmed', refused: 'refused', failed: 'failed', accepted: 'accepted' }[outcome] ?? outcome;
  list.prepend(el('li', { 'data-testid': 'history-item', 'data-outcome': outcome }, image,
    el('div', {}, el('p', {}, el('strong', {}, title), ' ', el('span', { class: `badge ${outcome === 'stored' || outcome === 'confirmed' ? 'good' : 'bad'}` }, label)), el('p', { class: 'small' }, detail)),
    el('time', {}, new Date().toLocaleTimeString())));
  while (list.children.length > 20) list.lastElementChild.remove();
}
