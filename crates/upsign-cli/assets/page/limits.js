// What a URL allows, and who enforces each limit: the table of the manual, for the upload that is shown.

import { el } from '/elements.js';
import { page } from '/page.js';
import { explained, fill } from '/panel.js';
import { settingView, withoutFile } from '/setting.js';

const GLYPHS = { signature: '●', condition: '◆', service: '■', confirmation: '▲', nobody: '✗' };

let drawn;

const row = ({ limit, by, byWords, sentence, setting }) => el('tr', { 'data-limit': limit, 'data-by': by },
  el('th', { scope: 'row' }, limit),
  el('td', {},
    el('p', { class: 'enforcer', 'data-by': by }, el('span', { 'aria-hidden': 'true' }, `${GLYPHS[by]} `), byWords),
    el('p', { class: 'limit-what' }, sentence),
    setting && settingView(setting)));

function draw({ limits, fields }) {
  fill('policy',
    el('h2', { id: 'policy-title' }, fields.length > 0 ? 'What this form allows' : 'What this URL allows'),
    el('p', { class: 'hint' }, 'Each limit of the upload that is shown, who enforces it, and the line of the configuration that decides it.'),
    ...[withoutFile()].filter(Boolean),
    el('table', { class: 'limits', 'data-testid': 'limits', 'aria-labelledby': 'policy-title' },
      el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'limit'), el('th', { scope: 'col' }, 'enforced by'))),
      el('tbody', {}, limits.map(row))));
}

async function update() {
  const upload = page.shown;
  const found = upload && await explained(upload);
  if (page.shown !== upload || (found && found === drawn)) return;
  drawn = found;
  if (found) draw(found);
  else fill('policy');
}

page.on('show', update);
page.on('change', ({ upload, what }) => {
  if (upload === page.shown && ['grant', 'exchange'].includes(what)) update();
});
