// "Try to cheat": sends uploads that the permission does not allow, and shows how they are answered, what differs from what was
// signed, and which line of the configuration is responsible.

import { Refused, diagnose } from '/calls.js';
import { CHEATS } from '/cheat_table.js';
import { diagnosisView } from '/diagnosis.js';
import { el, exchangeView, find, folded, statusWord } from '/elements.js';
import { addHistory } from '/history.js';
import { page } from '/page.js';

const buttons = [...document.querySelectorAll('[data-cheat]')];

let last; // the last upload that S3 accepted: { file, grant, choice }
let isBusy = false;

async function cheat(button) {
  const { title, explanation, nothing, send } = CHEATS[button.dataset.cheat];
  const { file, choice } = last;
  show(button, { explanation });
  try {
    const { exchange } = await send(last);
    show(button, { explanation, exchange });
    addHistory({ file, title, detail: 'It was accepted: the policy does not forbid this.', outcome: 'accepted' });
  } catch (refusal) {
    if (!(refusal instanceof Refused)) {
      show(button, { explanation, failure: refusal });
      return;
    }
    const diagnosis = await diagnose({ ...refusal.report, route: choice.route.name });
    const [first] = diagnosis?.diagnoses ?? [];
    // A diagnosis does not look into tokens: the page knows what it changed there.
    if (first?.diff.length === 0 && refusal.differs) first.diff = refusal.differs;
    if (first && refusal.decides) {
      Object.assign(first, refusal.decides);
      diagnosis.settings = [];
    }
    show(button, { explanation, refusal, diagnosis, nothing });
    addHistory({ file, title, detail: `${refusal.status} ${refusal.code}`, outcome: 'refused' });
  }
}

const refusedView = ({ service, status, code, words }) => [
  el('p', { class: 'cheat-verdict' }, `${service === 'API' ? 'The API' : service} refused it. `, el('span', { class: 'badge bad', 'data-testid': 'cheat-status' }, String(status)), ' ', el('code', { 'data-testid': 'cheat-code' }, code)),
  el('p', {}, words),
];

const acceptedView = ({ status }) => [
  el('p', { class: 'cheat-verdict' }, 'It was accepted. ', statusWord(status)),
  el('p', {}, 'The policy of this run does not forbid this.'),
];

const failureView = ({ words, message, advice }) => [el('p', { class: 'cheat-verdict' }, words ?? message), advice && el('p', {}, advice)];

function verdictView({ refusal, exchange, failure }) {
  if (refusal) return refusedView(refusal);
  if (exchange) return acceptedView(exchange);
  return failure ? failureView(failure) : [];
}

function show(button, result) {
  const { explanation, refusal, exchange, diagnosis, failure, nothing } = result;
  for (const other of buttons) other.classList.toggle('chosen', other === button);
  button.dataset.outcome = refusal ? 'refused' : exchange ? 'accepted' : failure ? 'failed' : 'trying';
  const box = find('cheat-result');
  box.hidden = false;
  box.dataset.outcome = button.dataset.outcome;
  const shown = refusal?.exchange ?? exchange;
  const service = refusal?.service === 'API' ? 'the API' : 'S3';
  const children = [
    el('p', { class: 'cheat-what' }, explanation),
    ...verdictView(result),
    diagnosis && diagnosisView(diagnosis, { nothing }),
    shown && folded(`Request to ${service}`, exchangeView(shown)),
  ];
  box.replaceChildren(...children.filter(Boolean));
}

/** Shows the cheats that the route has a use for. */
function offer({ choice }) {
  for (const button of buttons) {
    const { isOffered } = CHEATS[button.dataset.cheat];
    button.hidden = isOffered ? !isOffered(choice) : false;
  }
}

function allow(upload) {
  last = upload;
  offer(upload);
  for (const button of buttons) button.disabled = false;
  document.getElementById('cheat-hint').textContent = 'Each button requests a new upload URL, or reuses the last one, and sends a request that the URL does not allow.';
}

page.on('change', ({ upload, what }) => {
  if (what === 'state' && upload.state === 'done') allow({ file: upload.file, grant: upload.grant, choice: upload.choice });
});

page.on('choice', (choice) => { if (!last) offer({ choice }); });

for (const button of buttons) {
  button.addEventListener('click', async () => {
    if (isBusy) return;
    isBusy = true;
    await cheat(button).finally(() => { isBusy = false; });
  });
}
