// The parts that are being sent, each with a button that ends its request. The client sends such a part again.

import { el } from '/elements.js';

const WORDS = { reading: 'hashing', sending: 'sending', failed: 'failed, will be sent again' };

const isInFlight = ({ state }) => state in WORDS;

/** Returns an element, and a function that draws the parts of an upload in it. Rows stay the same while a part is sent, and so does the focus. */
export function inFlight() {
  const list = el('ul', { class: 'flight', 'data-testid': 'flight', 'aria-label': 'Parts that are being sent' });
  const hint = el('p', { class: 'hint' }, 'Ending the request of a part loses nothing but its bytes on the way: the client sends it again, with a new URL if the old one has expired.');
  const element = el('div', { class: 'in-flight' }, list, hint);
  const rows = new Map();

  function rowOf(part) {
    const words = el('span', {});
    const kill = el('button', { type: 'button', class: 'button small', 'data-testid': `kill-${part.number}`, 'aria-label': `End its request: part ${part.number}` }, 'End its request');
    kill.addEventListener('click', () => part.xhr?.abort());
    const row = { words, kill, element: el('li', { 'data-number': String(part.number) }, words, kill) };
    rows.set(part.number, row);
    list.append(row.element);
    return row;
  }

  function draw({ parts, state }) {
    const flying = state === 'uploading' ? parts.filter(isInFlight) : [];
    const numbers = new Set(flying.map(({ number }) => number));
    for (const [number, row] of rows) {
      if (numbers.has(number)) continue;
      row.element.remove();
      rows.delete(number);
    }
    for (const part of flying) {
      const { words, kill } = rows.get(part.number) ?? rowOf(part);
      const share = part.state === 'sending' && part.size ? ` ${Math.floor((part.loaded / part.size) * 100)} %` : '';
      const attempt = part.attempts > 1 ? `, attempt ${part.attempts}` : '';
      words.textContent = `Part ${part.number}: ${WORDS[part.state]}${share}${attempt}`;
      kill.disabled = part.state !== 'sending';
    }
    element.hidden = flying.length === 0;
  }

  return { element, draw };
}
