// The fixed elements of the page: the choice, the file, the status line, the error and its diagnosis.

import { diagnosisView } from '/diagnosis.js';
import { bytes, el, find, limit, statusWord } from '/elements.js';

export const parts = {
  input: find('file-input'),
  drop: find('drop-zone'),
  sample: find('sample'),
};

/** Sets the state that tests read: starting, ready, or that of the upload that is shown. */
export const setState = (state) => { document.body.dataset.state = state; };

/** Sets the status line under the photo; `tone` is "", "good" or "bad". */
export function showMessage(text, tone = '') {
  const line = find('status');
  if (line.textContent !== text) line.textContent = text;
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

/** Whether fingers use the page: nothing can be dropped then. */
export const touch = matchMedia('(hover: none) and (pointer: coarse)');

/** Sets the words about files: the page speaks of photos if the route takes the sample photo. */
function showNoun(route) {
  const word = noun(route);
  document.getElementById('headline').textContent = `Your ${word} goes straight to S3.`;
  document.getElementById('upload-title').textContent = `Upload a ${word}`;
  if (document.querySelector('[data-cheat]').disabled) document.getElementById('cheat-hint').textContent = `Upload a ${word} ${CHEAT_HINT}`;
  parts.drop.querySelector('strong').textContent = touch.matches ? `Tap to choose a ${word}` : `Drop a ${word} here`;
  parts.drop.querySelector('.more').textContent = touch.matches ? 'Several at once are fine.' : 'Several at once, anywhere on this page, or pasted.';
  parts.sample.querySelector('span').textContent = word === 'photo' ? 'Use the sample photo' : 'Use a sample file';
  parts.sample.querySelector('img').hidden = word !== 'photo';
  find('stored-lane').textContent = `2 the ${word}`;
}

/** What the status line says before an upload. */
export const readyWords = (route) => `Ready. ${touch.matches ? 'Choose' : 'Drop'} a ${noun(route)}, or start with the sample.`;

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

/** How a route sends files, in one word. */
const methodWord = ({ method, multipart }) => (method === 'POST' ? 'form' : multipart ? 'PUT, parts' : 'PUT');

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
      el('span', { class: 'route-head' }, el('strong', {}, route.name), ' ', el('span', { class: 'badge' }, methodWord(route))),
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
  return box.replaceChildren(el('p', { class: 'alert-title' }, error.words ?? 'This page has a bug.', ' ', ...status.filter(Boolean)), el('p', {}, error.advice ?? String(error.message)));
}

/** Shows why the upload was refused, and moves the focus there. Without a diagnosis, nothing is shown. */
export function showDiagnosis(diagnosis, { focus = true } = {}) {
  const box = find('diagnosis');
  box.hidden = !diagnosis;
  box.replaceChildren(...(diagnosis ? [diagnosisView(diagnosis)] : []));
  if (diagnosis && focus) box.focus();
}

let previewed;
let previewUrl;

/** Shows a file in the drop area, or none. */
export function showFile(file) {
  if (file === previewed) return;
  previewed = file;
  if (previewUrl) URL.revokeObjectURL(previewUrl);
  previewUrl = file && URL.createObjectURL(file);
  const image = find('preview');
  const isShown = (shown) => {
    image.hidden = !shown;
    parts.drop.classList.toggle('has-photo', shown);
  };
  isShown(Boolean(file));
  if (!file) return image.removeAttribute('src');
  image.alt = `Preview of ${file.name}`;
  image.onerror = () => isShown(false);
  image.src = previewUrl;
  return undefined;
}

const RUNNING_WORDS = {
  waiting: () => 'Waiting until the others are sent…',
  'signing-in': ({ choice }) => `Signing in as ${choice.user.name}…`,
  asking: () => 'Requesting an upload URL from the API…',
  completing: () => 'S3 puts the parts together…',
  confirming: () => 'Confirming the upload…',
  reading: () => 'Reading the object back…',
  paused: ({ progress }) => `Paused: ${bytes(progress.loaded)} of ${bytes(progress.total)} are stored. It can go on here, also after this page was reloaded.`,
  cancelled: ({ name }) => `Cancelled: nothing of ${name} is stored.`,
};

/** What an upload does, and how its message looks. */
export function messageOf(upload) {
  const { state, name, file, failure, exchanges } = upload;
  if (state === 'uploading') {
    const attempt = exchanges.findLast(({ kind }) => kind === 'object')?.attempt ?? 1;
    return [attempt > 1 ? `Sending ${bytes(file.size)} to S3 again, attempt ${attempt}…` : `Sending ${bytes(file.size)} to S3…`];
  }
  if (state === 'done') return [`${name} is in S3, and identical to your file.`, 'good'];
  if (state === 'failed') return ['The upload failed.', 'bad'];
  if (state === 'refused') return [failure.state ? `The upload is not confirmed: ${failure.state}.` : `The ${failure.service} refused.`.replace('The S3', 'S3'), 'bad'];
  return [RUNNING_WORDS[state](upload)];
}
