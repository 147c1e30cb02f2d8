// The URL of an upload, taken apart: each part has a color, a number and a line, and the legend says what it means. How long it
// still works counts down.

import { el, seconds } from '/elements.js';
import { page } from '/page.js';
import { explained, fill } from '/panel.js';

const SECOND = 1000;

let timer;
let drawn; // the explanation that is shown

/** Marks the parts and the line of the legend that belong together. */
function light(root, index, isOn) {
  for (const node of root.querySelectorAll(`[data-index="${index}"]`)) node.classList.toggle('lit', isOn);
}

/** Connects an element with its counterparts by pointer and by focus. A button of the legend keeps them marked. */
function link(root, node, index) {
  const isPressed = () => root.querySelector(`.legend [data-index="${index}"] button`)?.getAttribute('aria-pressed') === 'true';
  for (const type of ['pointerenter', 'focusin']) node.addEventListener(type, () => light(root, index, true));
  for (const type of ['pointerleave', 'focusout']) node.addEventListener(type, () => { if (!isPressed()) light(root, index, false); });
}

/** Renders one line of the legend. */
function legendLine(root, index, { part, label, sentence }) {
  const button = el('button', { type: 'button', class: 'legend-name', 'data-part': part, 'data-number': String(index), 'aria-pressed': 'false' }, label);
  button.addEventListener('click', () => {
    const isOn = button.getAttribute('aria-pressed') !== 'true';
    button.setAttribute('aria-pressed', String(isOn));
    light(root, index, isOn);
  });
  const line = el('li', { 'data-index': String(index) }, button, el('span', {}, sentence));
  link(root, line, index);
  return line;
}

/** Renders a URL with its parts marked. The separators between them stay as they are. */
function urlView(root, url, parts) {
  const children = [];
  let end = 0;
  parts.forEach((part, at) => {
    children.push(url.slice(end, part.start));
    const node = el('span', { class: 'part', 'data-part': part.part, 'data-index': String(at + 1), 'data-number': String(at + 1) }, url.slice(part.start, part.end));
    link(root, node, at + 1);
    children.push(el('wbr'), node);
    end = part.end;
  });
  return el('p', { class: 'anatomy', tabindex: '0', role: 'group', 'aria-label': 'The URL, its parts numbered as in the list below', 'data-testid': 'anatomy' }, children, url.slice(end));
}

/** Renders the fields of a form, which take the place of a URL. */
function formView(root, fields) {
  const rows = fields.map(({ name, part }, at) => {
    const node = el('span', { class: 'part', 'data-part': part, 'data-index': String(at + 1), 'data-number': String(at + 1) }, name);
    link(root, node, at + 1);
    return [node, ' '];
  });
  return el('p', { class: 'anatomy', tabindex: '0', role: 'group', 'aria-label': 'The fields of the form, numbered as in the list below', 'data-testid': 'anatomy' }, rows);
}

/** Shows how long the permission still works, every second. */
function countdown({ explanation, now }, subject) {
  const end = Date.parse(explanation.expiresAt);
  const skew = Date.parse(now) - Date.now();
  const clock = new Date(end).toLocaleTimeString();
  const text = el('p', { class: 'countdown', role: 'timer', 'data-testid': 'countdown' });
  const tick = () => {
    const left = Math.ceil((end - Date.now() - skew) / SECOND);
    text.dataset.state = left > 0 ? 'valid' : 'expired';
    text.textContent = left > 0
      ? `Until when? ${subject} works for ${seconds(left)} more, until ${clock}.`
      : `Until when? It is over: ${subject.replace('The', 'the')} worked until ${clock}, and S3 refuses it now.`;
    if (left <= 0) clearInterval(timer);
  };
  clearInterval(timer);
  timer = setInterval(tick, SECOND);
  tick();
  return text;
}

function draw(found, { grant }) {
  drawn = found;
  const { signed, parts, fields } = found;
  const isPart = grant.method === 'MULTIPART';
  const subject = fields.length > 0 ? 'The form' : isPart ? 'The URL of a part' : 'The URL';
  const root = el('div', { class: 'taken-apart', 'data-testid': 'taken-apart' });
  const named = fields.length > 0 ? fields : parts;
  root.append(...[
    el('h4', {}, fields.length > 0 ? 'The form, field by field' : isPart ? 'The URL of the first part, taken apart' : 'The URL, taken apart'),
    countdown(found, subject),
    isPart && el('p', { class: 'hint', 'data-testid': 'upload-end' }, `The upload itself can be continued until ${new Date(grant.expiresAt).toLocaleString()}: until then the API signs new URLs of its parts.`),
    fields.length > 0 ? formView(root, fields) : urlView(root, signed.uploadUrl, parts),
    el('ul', { class: 'legend', 'data-testid': 'legend' }, named.map((part, at) => legendLine(root, at + 1, part))),
  ].filter(Boolean));
  fill('step-1', root);
}

async function update() {
  const upload = page.shown;
  const found = upload && await explained(upload);
  if (page.shown !== upload || (found && found === drawn)) return;
  if (found) draw(found, upload);
  else {
    drawn = undefined;
    clearInterval(timer);
    fill('step-1');
  }
}

page.on('show', update);
page.on('change', ({ upload, what }) => {
  if (upload === page.shown && ['grant', 'exchange'].includes(what)) update();
});
