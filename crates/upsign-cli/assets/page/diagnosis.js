// The display of a diagnosis: the cause and the fix, what was signed next to what was sent, and how to prove it.

import { el, folded } from '/elements.js';
import { settingsView } from '/setting.js';

/** Turns a text of the diagnosis, which has no capital letter and no period, into a sentence. */
const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?…]$/.test(text) ? '' : '.');

const causeView = ({ sentence: cause, hands, fix }, attributes = {}) => el('p', attributes,
  el('strong', {}, sentence(cause)), ` The fix is in the hands of ${hands}: `, sentence(fix).replace(/^./, (first) => first.toLowerCase()));

// The URL has the names of signed headers, and not their values.
const UNKNOWN = { 'header-missing': true, 'header-differs': true, 'length-differs': true };

/** Renders a part that differs. The words say what the colours say. */
const diffLine = (cause, { field, signed, sent }) => [
  el('p', { class: 'diff-field' }, el('code', {}, field)),
  el('p', { class: 'diff-line signed' }, el('span', {}, '− signed'), ' ', el('code', {}, signed ?? (UNKNOWN[cause] ? '(the value is not known)' : '(not signed, or not known)'))),
  el('p', { class: 'diff-line sent' }, el('span', {}, '+ sent'), ' ', el('code', {}, sent ?? '(not sent)')),
];

const diffView = ({ cause, diff }, nothing) => (diff.length === 0 ? nothing && el('p', { class: 'diff-field', 'data-testid': 'diagnosis-same' }, nothing) : el('div', { class: 'diff', role: 'group', 'aria-label': 'What was signed, and what was sent', 'data-testid': 'diagnosis-diff' }, diff.map((line) => diffLine(cause, line))));

/** Renders the command that diagnoses the same report, with a button that copies it. */
function commandView(command) {
  const done = el('span', { role: 'status', class: 'hint' });
  const text = el('pre', { tabindex: '0', class: 'command', 'data-testid': 'diagnosis-command' }, command);
  const copy = el('button', { type: 'button', class: 'button', 'data-testid': 'diagnosis-copy' }, 'Copy the command');
  copy.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(command);
      done.textContent = 'Copied.';
    } catch {
      getSelection().selectAllChildren(text);
      done.textContent = 'The command is selected: copy it with the keyboard.';
    }
  });
  return [text, el('div', { class: 'copy' }, copy, done)];
}

/** Renders the answer of the dev server. The first diagnosis is the most likely one. `nothing` says what is wrong with a request that does not differ from what was signed. */
export function diagnosisView({ diagnoses: [first, ...others], settings, command }, { nothing } = {}) {
  return el('div', { class: 'diagnosis', 'data-certain': String(first.certain), 'data-cause': first.cause },
    el('p', { class: 'diagnosis-title' }, 'Diagnosis ', el('code', { 'data-testid': 'diagnosis-cause' }, first.cause), ' ', el('span', { class: 'badge' }, first.certain ? 'certain' : 'not certain')),
    causeView(first, { 'data-testid': 'diagnosis-sentence' }),
    diffView(first, nothing),
    settingsView(settings),
    !first.certain && others.length > 0 && folded(others.length === 1 ? 'Another candidate' : `${others.length} other candidates, the most likely first`, el('ol', { class: 'candidates' }, others.map((other) => el('li', {}, causeView(other), diffView(other))))),
    folded('How to prove it',
      el('p', {}, sentence(first.proof), ' ', el('a', { href: first.source, rel: 'noreferrer', target: '_blank' }, 'Documentation'), ' (opens a new tab).'),
      el('p', { class: 'hint' }, 'The same diagnosis in a shell, from this page’s report. Signatures and tokens are shortened, so the command can be shared; the secret key stays here.'),
      commandView(command)));
}
