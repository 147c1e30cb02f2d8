// The list of attempts since the page was loaded.

import { el, find } from '/elements.js';
import { page } from '/page.js';

const GOOD = ['stored', 'confirmed'];

/** Adds an attempt at the top of the list, which keeps twenty. */
export function addHistory({ file, title, detail, outcome }) {
  find('history-empty').hidden = true;
  const list = find('history');
  const image = file && el('img', { alt: '', width: '52', height: '39', src: URL.createObjectURL(file) });
  if (image) {
    image.onload = () => URL.revokeObjectURL(image.src);
    image.onerror = () => {
      URL.revokeObjectURL(image.src);
      image.replaceWith(el('span', { class: 'no-photo' }));
    };
  }
  list.prepend(el('li', { 'data-testid': 'history-item', 'data-outcome': outcome }, image ?? el('span', { class: 'no-photo' }),
    el('div', {}, el('p', {}, el('strong', {}, title), ' ', el('span', { class: `badge ${GOOD.includes(outcome) ? 'good' : 'bad'}` }, outcome)), el('p', { class: 'small' }, detail)),
    el('time', {}, new Date().toLocaleTimeString())));
  while (list.children.length > 20) list.lastElementChild.remove();
}

page.on('change', ({ upload, what }) => {
  const { state, file, name, failure, choice, result } = upload;
  if (what !== 'state' || !upload.isOver) return;
  if (state === 'done') addHistory({ file, title: name, detail: result.key, outcome: choice.route.confirm ? 'confirmed' : 'stored' });
  else addHistory({ file, title: name, detail: failure?.words ?? 'Cancelled: nothing is stored.', outcome: failure?.state ?? state });
});
