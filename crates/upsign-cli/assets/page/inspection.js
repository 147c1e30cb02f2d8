// What an inspection says about the stored object, also on a route that does not inspect: a file that is called a picture and is none
// goes through there.

import { bytes, el, sentence } from '/elements.js';
import { authorization } from '/calls.js';
import { page } from '/page.js';
import { ask, explained, fill } from '/panel.js';
import { account } from '/session.js';
import { settingView } from '/setting.js';

const answers = new WeakMap();

const isRejected = ({ state, failure }) => state === 'refused' && failure?.state === 'rejected';

/** Returns where the object is: a rejected one stays below the key that its URL was signed for. */
const keyOf = async (upload) => (isRejected(upload) ? (await explained(upload))?.explanation.key : upload.result.key);

async function inspected(upload) {
  const { choice, grant } = upload;
  if (!answers.has(grant)) {
    const [{ token }, key] = await Promise.all([account(choice), keyOf(upload)]);
    answers.set(grant, ask('/dev/inspect', { key, route: choice.route.name }, authorization(page.config, token)));
  }
  return answers.get(grant);
}

const view = ({ inspect, accepted, reason, sentence: text, settings, bytesRead }) => el('div', { class: 'inspection', 'data-testid': 'inspection', 'data-accepted': String(accepted), 'data-inspect': inspect },
  el('h4', {}, 'Is it what its type says?'),
  el('p', {}, el('span', { class: `badge ${accepted ? 'good' : 'bad'}` }, accepted ? '✓ accepted' : '✗ rejected'), ' ', sentence(text), reason && ' ', reason && el('code', {}, reason)),
  !accepted && inspect === 'none' && el('p', { class: 'hint' }, 'Bit for bit the same file is not yet a harmless one: the signature binds the name of the type, not the bytes.'),
  settings.map(settingView),
  el('p', { class: 'hint' }, `Read for this: ${bytes(bytesRead)}, the first and last bytes of the object.`));

async function update() {
  const upload = page.shown;
  const found = upload && ((upload.stored && upload.state === 'done') || isRejected(upload)) ? await inspected(upload) : undefined;
  if (page.shown !== upload) return;
  if (found) fill('step-3', view(found));
  else fill('step-3');
}

page.on('show', update);
page.on('change', ({ upload, what }) => {
  if (upload === page.shown && what === 'state') update();
});
