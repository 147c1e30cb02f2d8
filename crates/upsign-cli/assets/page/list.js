// The list of uploads: how far each is, and what can be done with it.

import { bytes, el, find, seconds } from '/elements.js';
import { page } from '/page.js';
import { cancelAll, retry } from '/uploads.js';

/** A sign and a word for each state: neither colour nor movement is needed to tell them apart. */
const STATES = {
  waiting: ['○', 'Waiting'],
  'signing-in': ['…', 'Signing in'],
  asking: ['…', 'Requesting the URL'],
  uploading: ['↑', 'Sending'],
  completing: ['↑', 'Completing'],
  confirming: ['…', 'Confirming'],
  reading: ['↓', 'Reading back'],
  paused: ['‖', 'Paused'],
  done: ['✓', 'Stored'],
  refused: ['✗', 'Refused'],
  failed: ['!', 'Failed'],
  cancelled: ['–', 'Cancelled'],
};

const rows = new Map();

/** Percent, bytes, speed and time left, as far as they are known. */
function progressWords({ progress: { loaded, total, speed, left }, state }) {
  // Empty files have nothing to send, and the size of a file is not known before its handle is opened.
  const percent = total ? Math.floor((loaded / total) * 100) : Number(state === 'done') * 100;
  const words = [`${percent} %`, `${bytes(loaded)} of ${bytes(total)}`];
  if (speed && state === 'uploading') words.push(`${bytes(Math.round(speed))}/s`, `${seconds(left)} left`);
  return words;
}

/** Creates the row of an upload. Its elements stay, so that the focus does. */
function createRow(upload) {
  const action = (name, label, run) => {
    const button = el('button', { type: 'button', class: 'button small', 'data-testid': name, 'aria-label': `${label}: ${upload.name}` }, label);
    // The second click of a double click may meet the button that has taken the place of the first one.
    button.addEventListener('click', ({ detail: clicks }) => { if (clicks < 2) run(); });
    return button;
  };
  const row = {
    show: el('button', { type: 'button', class: 'upload-name', 'data-testid': 'show' }, upload.name),
    what: el('span', { class: 'upload-what' }),
    state: el('span', { class: 'upload-state' }),
    bar: el('progress', { max: '100', value: '0', 'data-testid': 'progress', 'aria-label': `Progress: ${upload.name}` }),
    words: el('span', { class: 'meter-words', 'data-testid': 'progress-words' }),
    actions: {
      pause: action('pause', 'Pause', () => upload.pause()),
      resume: action('resume', 'Continue', () => retry(upload)),
      cancel: action('cancel', 'Cancel', () => upload.cancel()),
      retry: action('retry', 'Try again', () => retry(upload)),
    },
  };
  row.show.addEventListener('click', () => page.show(upload, true));
  row.meter = el('div', { class: 'meter' }, row.bar, row.words);
  row.item = el('li', { class: 'upload', 'data-testid': 'upload', tabindex: '-1' },
    el('p', { class: 'upload-head' }, row.show, ' ', row.what), row.state, row.meter, el('div', { class: 'upload-actions' }, Object.values(row.actions)));
  return row;
}

function drawProgress(upload, { bar, words }) {
  const all = progressWords(upload);
  bar.value = Number.parseInt(all[0], 10);
  words.textContent = all.join(', ');
}

function drawState(upload, row) {
  const { state, file, isOver } = upload;
  const [glyph, word] = STATES[state];
  row.item.dataset.state = state;
  row.what.textContent = file ? `${file.type || 'unknown type'}, ${bytes(file.size)}` : '';
  row.state.replaceChildren(el('span', { class: 'glyph', 'aria-hidden': 'true' }, glyph), ` ${word}`, ...(upload.failure?.status ? [` (${upload.failure.status})`] : []));
  row.meter.hidden = ['waiting', 'signing-in', 'asking', 'refused', 'failed', 'cancelled'].includes(state);
  const visible = { pause: upload.canPause, resume: state === 'paused', cancel: !isOver, retry: isOver && state !== 'done' };
  // A button that disappears would leave the focus on the body of the page.
  const focused = Object.values(row.actions).find((button) => button === document.activeElement);
  for (const [name, button] of Object.entries(row.actions)) button.hidden = !visible[name];
  if (focused?.hidden) row.item.focus();
}

function drawAll() {
  const { uploads, shown } = page;
  find('uploads').hidden = uploads.length === 0;
  const count = (...states) => uploads.filter(({ state }) => states.includes(state)).length;
  const active = uploads.filter(({ isOver }) => !isOver).length;
  const parts = [[count('done'), 'stored'], [count('refused', 'failed'), 'not stored'], [count('cancelled'), 'cancelled'], [count('paused'), 'paused'], [active - count('paused'), 'to go']];
  find('uploads-summary').textContent = uploads.length > 1 ? `${uploads.length} files: ${parts.filter(([number]) => number > 0).map((part) => part.join(' ')).join(', ')}.` : '';
  find('cancel-all').hidden = active < 2;
  find('clear').hidden = uploads.length < 2 || active === uploads.length;
  for (const [upload, { item }] of rows) {
    if (upload === shown) item.setAttribute('aria-current', 'true');
    else item.removeAttribute('aria-current');
  }
}

page.on('add', (upload) => {
  const row = createRow(upload);
  rows.set(upload, row);
  find('upload-list').append(row.item);
  drawState(upload, row);
  drawAll();
});
page.on('remove', (upload) => {
  rows.get(upload)?.item.remove();
  rows.delete(upload);
  drawAll();
});
page.on('show', drawAll);
page.on('change', ({ upload, what }) => {
  const row = rows.get(upload);
  if (!row) return;
  if (what === 'progress') drawProgress(upload, row);
  if (what === 'grant' || what === 'state') {
    drawState(upload, row);
    drawProgress(upload, row);
    drawAll();
  }
});

find('cancel-all').addEventListener('click', () => cancelAll());
find('clear').addEventListener('click', () => {
  for (const upload of page.uploads.filter(({ isOver }) => isOver)) page.remove(upload);
});
