// What an inspection says about the stored object, also on a route that does not inspect: a file that is called a picture and is none
// goes through there.

import { bytes, el, sentence } from '/elements.js';
import { authorization } from '/calls.js';
import { page } from '/page.js';
import { ask, fill } from '/panel.js';
import { account } from '/session.js';
import { settingView } from '/setting.js';

const answers = new WeakMap();

async function inspected(upload) {
  if (!answers.has(upload.stored)) {
    const { choice, result } = upload;
    const { token } = await account(choice);
    answers.set(upload.stored, ask('/dev/inspect', { key: result.key, route: choice.route.name }, authorization(page.config, token)));
  }
  return answers.get(upload.stored);
}

const view = ({ inspect, accepted, sentence: text, setting, bytesRead }) => el('div', { class: 'inspection', 'data-testid': 'inspection', 'data-accepted': String(accepted), 'data-inspect': inspect },
  el('h4', {}, 'Is it what its type says?'),
  el('p', {}, el('span', { class: `badge ${accepted ? 'good' : 'bad'}` }, accepted ? '✓ accepted' : '✗ rejected'), ' ', sentence(text)),
  !accepted && inspect === 'none' && el('p', { class: 'hint' }, 'Bit for bit the same file is not yet a harmless one: the signature binds the name of the type, not the bytes.'),
  settingView(setting),
  el('p', { class: 'hint' }, `Read for this: ${bytes(bytesRead)}, the first and last bytes of the object.`));

async function update() {
  const upload = page.shown;
  const found = upload?.stored && upload.state === 'done' ? await inspected(upload) : undefined;
  if (page.shown !== upload) return;
  if (found) fill('step-3', view(found));
  else fill('step-3');
}

page.on('show', update);
page.on('change', ({ upload, what }) => {
  if (upload === page.shown && what === 'state') update();
});
