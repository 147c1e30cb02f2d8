// Tabs with keyboard support, as the ARIA practices describe them: <https://www.w3.org/WAI/ARIA/apg/patterns/tabs/>.

import { copyButton, el } from '/elements.js';

let last = 0;

/**
 * Renders texts in tabs: `{ name, title, note, text }`. Each has a button that copies it. `chosen` is the name of the first one to be
 * shown; `onChoose` is called with the name of another.
 */
export function tabs(label, testid, items, { chosen, onChoose = () => {} } = {}) {
  last += 1;
  const id = `tabs-${last}`;
  const list = el('div', { role: 'tablist', 'aria-label': label, class: 'tabs' });
  const panel = el('div', { role: 'tabpanel', id: `${id}-panel`, class: 'tab-panel', tabindex: '-1', 'data-testid': `${testid}-panel` });
  const buttons = items.map(({ name, title }) => el('button', { type: 'button', role: 'tab', id: `${id}-${name}`, 'aria-controls': `${id}-panel`, class: 'tab', 'data-testid': `${testid}-${name}` }, title));

  const choose = (at, hasFocus) => {
    buttons.forEach((button, other) => {
      button.setAttribute('aria-selected', String(other === at));
      button.tabIndex = other === at ? 0 : -1;
    });
    const { name, note, text } = items[at];
    const code = el('pre', { tabindex: '0', class: 'command', 'data-testid': `${testid}-text`, 'data-name': name }, text ?? '');
    panel.setAttribute('aria-labelledby', `${id}-${name}`);
    panel.replaceChildren(...[
      note && el('p', { class: 'hint' }, note),
      text !== null && code,
      text !== null && copyButton('Copy', text, { select: code, 'data-testid': `${testid}-copy`, 'aria-label': `Copy ${items[at].title}` }),
    ].filter(Boolean));
    if (hasFocus) buttons[at].focus();
    onChoose(name);
  };

  buttons.forEach((button, at) => {
    button.addEventListener('click', () => choose(at, true));
    button.addEventListener('keydown', ({ key }) => {
      const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: items.length - 1 }[key];
      if (next !== undefined) choose((next + items.length) % items.length, true);
    });
  });
  list.append(...buttons);
  choose(Math.max(0, items.findIndex(({ name }) => name === chosen)), false);
  return el('div', { 'data-testid': testid }, list, panel);
}
