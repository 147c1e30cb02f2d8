// Creates elements from values. Text becomes text nodes, never markup.

export const find = (id) => document.querySelector(`[data-testid="${id}"]`);

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
  const [value, unit] = count < 1e6 ? [count / 1e3, 'kB'] : count < 1e9 ? [count / 1e6, 'MB'] : [count / 1e9, 'GB'];
  return `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`;
}

/** Formats a limit in powers of 1024, as the policy does. */
export const limit = (count) => {
  const [value, unit] = [[2 ** 40, 'TiB'], [2 ** 30, 'GiB'], [2 ** 20, 'MiB'], [2 ** 10, 'KiB']].find(([size]) => count >= size && count % size === 0) ?? [];
  return value ? `${count / value} ${unit}` : bytes(count);
};

export const duration = (ms) => (ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`);

/** Seconds → "about 12 s" or "2 min 5 s". */
export const seconds = (count) => (count < 60 ? `${Math.max(1, Math.round(count))} s` : `${Math.floor(count / 60)} min ${Math.round(count % 60)} s`);

/** Formats a time in seconds since 1970, as in a claim. */
export const clock = (time) => new Date(time * 1000).toLocaleTimeString();

/** Turns the detail of a problem document, which has no capital letter and no period, into a sentence. */
export const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?…]$/.test(text) ? '' : '.');

const JSON_WORD = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d[\d.eE+-]*/g;

/** Renders pretty-printed JSON with names, strings and numbers highlighted. */
export function json(value) {
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
export function urlLines(url) {
  const [path, query] = url.split('?');
  const lines = (query ?? '').split('&').filter(Boolean).map((pair, index) => {
    const [name, value = ''] = pair.split('=');
    return el('span', { class: 'parameter' }, index ? '&' : '?', el('span', { class: 'name' }, name), '=', el('span', { class: name === 'X-Amz-Signature' ? 'secret' : 'text' }, value));
  });
  return el('span', { class: 'url' }, path, lines);
}

const headerLines = (pairs) => pairs.map(([name, value]) => el('span', { class: 'header' }, el('span', { class: 'name' }, name), `: ${value}`));

export const statusWord = (status) => el('span', { class: `badge ${status >= 200 && status < 300 ? 'good' : 'bad'}` }, status ? String(status) : 'none');

/** Renders a request and its response. */
export function exchangeView({ method, url, requestHeaders = [], requestBody, status, responseHeaders = [], responseBody }, testid) {
  return el('div', { class: 'exchange', 'data-testid': testid },
    el('div', { class: 'wire', tabindex: '0', role: 'group', 'aria-label': 'Request' }, el('span', { class: 'line' }, el('b', {}, method), ' ', urlLines(url)), headerLines(requestHeaders)),
    requestBody !== undefined && json(requestBody),
    el('p', { class: 'answer', 'data-status': String(status) }, 'Answer ', statusWord(status)),
    responseHeaders.length > 0 && el('div', { class: 'wire' }, headerLines(responseHeaders)),
    responseBody !== undefined && json(responseBody));
}

export const folded = (title, ...children) => el('details', {}, el('summary', {}, title), ...children);

export const facts = (...rows) => el('dl', { class: 'facts' }, rows.filter(Boolean).map(([name, value, testid]) => [el('dt', {}, name), el('dd', { 'data-testid': testid }, value)]));

/** Renders a button that copies a text, and says so. `select` is an element that is selected where the page may not write to the clipboard. */
export function copyButton(label, text, { select, ...attributes } = {}) {
  const done = el('span', { role: 'status', class: 'hint' });
  const button = el('button', { type: 'button', class: 'button small', ...attributes }, label);
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text);
      done.textContent = 'Copied.';
    } catch {
      if (select) getSelection().selectAllChildren(select);
      done.textContent = select ? 'It is selected: copy it with the keyboard.' : 'The browser does not permit it.';
    }
  });
  return el('span', { class: 'copy' }, button, done);
}
