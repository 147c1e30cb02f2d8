// Whether the dev server answers, and whether it is still the one that the page knows: it may have been started again, or read
// another version of its configuration.

import { el, find } from '/elements.js';
import { page } from '/page.js';

/** How often the page asks, in milliseconds. Browsers ask less often for a page that is hidden. */
const EVERY = 1000;

/** How long an answer may take, in milliseconds. */
const PATIENCE = 5000;

const OFFLINE = ['Offline.', 'This browser says that there is no network. What is being sent waits, and goes on when it is back.'];
const SILENT = ['The dev server does not answer.', 'Is “upsign dev” still running? Start it again: this page goes on by itself.'];

let isSilent = false;
let known;
let process; // that of the last answer

function showConnection() {
  const box = find('connection');
  const [title, text] = navigator.onLine === false ? OFFLINE : isSilent ? SILENT : [];
  document.body.dataset.connection = navigator.onLine === false ? 'offline' : isSilent ? 'silent' : 'ok';
  if (box.dataset.title === (title ?? '')) return;
  box.dataset.title = title ?? '';
  box.hidden = !title;
  // What an earlier answer said is over.
  if (title) find('reloaded').textContent = '';
  box.replaceChildren(...(title ? [el('p', {}, el('strong', {}, title), ' ', text)] : []));
}

/** Shows why the configuration that was saved is not used. */
function showConfigError(error) {
  const box = find('config-error');
  box.hidden = !error;
  if (!error || box.dataset.text === JSON.stringify(error)) return;
  box.dataset.text = JSON.stringify(error);
  box.replaceChildren(
    el('p', { class: 'alert-title' }, `${error.file} was saved, but is not valid. The configuration before it stays in use.`),
    ...error.errors.map(({ place, message, key, help }) => el('div', { class: 'config-error', 'data-testid': 'config-error-item' },
      el('p', {}, place && el('code', {}, place), place && ' ', message),
      key && el('p', { class: 'hint' }, 'key ', el('code', {}, key)),
      help && el('p', { class: 'hint' }, help))));
}

async function ask() {
  try {
    const response = await fetch('/dev/state.json', { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE) });
    const state = response.ok && await response.json();
    isSilent = !state;
    return state;
  } catch {
    isSilent = true;
    return undefined;
  }
}

/**
 * Watches the dev server. `changed(how)` is called with `restarted` or `saved` when the page has to load its configuration again. It
 * is called again with the next answer unless it resolves to true. A new run of the same process (`isSameProcess`) is one that a saved
 * configuration began.
 */
export function watch(changed) {
  const tick = async () => {
    const state = navigator.onLine === false ? undefined : await ask();
    showConnection();
    if (state) {
      showConfigError(state.error);
      known ??= page.config && { run: page.config.run, revision: page.config.revision };
      const how = !known || known.run !== state.run ? 'restarted' : known.revision !== state.revision ? 'saved' : undefined;
      const isSameProcess = process === state.process;
      if (how && !await changed(how, { ...state, isSameProcess })) return void setTimeout(tick, EVERY);
      process = state.process;
      if (how) known = { run: page.config.run, revision: page.config.revision };
    }
    setTimeout(tick, EVERY);
  };
  addEventListener('offline', showConnection);
  addEventListener('online', showConnection);
  setTimeout(tick, EVERY);
}
