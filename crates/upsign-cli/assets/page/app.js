// The page of `upsign dev`: joins its parts. What an upload does is in upload.js, what the page knows in page.js.

import '/cheats.js';
import '/history.js';
import '/list.js';
import '/title.js';
import '/walk.js';
import { diagnose, firstChoice, loadConfig, sameChoice } from '/calls.js';
import { watch } from '/connection.js';
import { find } from '/elements.js';
import '/input.js';
import '/interrupted.js';
import { page } from '/page.js';
import { signOut } from '/session.js';
import { add, retry } from '/uploads.js';
import * as view from '/view.js';

// ---- the upload that is shown ----

/** Draws the state of the upload that is shown. */
function draw() {
  const upload = page.shown;
  if (!upload) {
    view.showFile(undefined);
    showReady();
    return;
  }
  const { file, grant, state } = upload;
  view.setState(state);
  view.showMessage(...view.messageOf(upload));
  if (file) view.showFile(file);
  if (grant?.uploadUrl) view.where('s3', new URL(grant.uploadUrl).host);
  if (page.running.length > 0) document.body.setAttribute('aria-busy', 'true');
  else document.body.removeAttribute('aria-busy');
}

/** Shows the failure of the upload that is shown, and then what the dev server says of it. */
async function drawFailure(upload) {
  const { failure } = upload;
  const isShown = failure?.words || failure?.error;
  view.showAlert(isShown ? failure : null);
  view.showDiagnosis(null);
  const { report } = failure ?? {};
  if (!report) return;
  const diagnosis = await diagnose({ ...report, route: upload.choice.route.name });
  // Meanwhile another upload may be shown, or this one have begun again.
  if (page.shown === upload && upload.failure === failure) view.showDiagnosis(diagnosis, { focus: page.running.length === 0 });
}

page.on('show', (upload) => {
  draw();
  view.showAlert(null);
  view.showDiagnosis(null);
  if (upload?.failure) drawFailure(upload);
});

page.on('change', ({ upload, what }) => {
  const isFailure = what === 'state' && ['refused', 'failed'].includes(upload.state);
  // What failed is shown, unless the user looks at another one.
  if (isFailure && upload !== page.shown && !page.isPicked && !['refused', 'failed'].includes(page.shown?.state)) page.show(upload);
  if (upload !== page.shown) return;
  if (what === 'state' || what === 'exchange') draw();
  if (what !== 'state') return;
  if (isFailure) drawFailure(upload);
  else if (!upload.failure) {
    view.showAlert(null);
    view.showDiagnosis(null);
  }
});

// ---- the choice ----

function showReady() {
  view.showAlert(null);
  view.showDiagnosis(null);
  view.showMessage(view.readyWords(page.choice.route));
  view.setState('ready');
}

/** The route that the user wants, also while a saved configuration does not have it. */
let wanted;

/** Uses another user, issuer or route from now on. */
function choose(changes) {
  if (changes.route) wanted = undefined;
  page.setChoice({ ...page.choice, ...changes });
  view.showChoice(page.config, page.choice);
  if (!page.shown || page.running.length > 0) return;
  page.show(undefined);
}

function setConfig(config, choice) {
  page.setConfig(config);
  view.showConfig(config, choose);
  page.setChoice(choice);
  view.showChoice(config, choice);
}

async function useSample() {
  const { sample } = page.choice.route;
  if (!view.takesPhoto(page.choice.route)) return add([new File([new Uint8Array(sample.contentLength)], sample.fileName ?? 'sample', { type: sample.contentType })]);
  const answer = await fetch('/demo.jpg');
  if (!answer.ok) throw Object.assign(new Error(`/demo.jpg: ${answer.status}`), { words: 'The sample photo could not be loaded.', advice: 'Choose a photo of your own.' });
  return add([new File([await answer.blob()], 'demo.jpg', { type: 'image/jpeg' })]);
}

function showProblem(error) {
  view.setState('failed');
  view.showMessage('The page could not begin.', 'bad');
  view.showAlert(error);
}

view.parts.sample.addEventListener('click', () => page.config && useSample().catch(showProblem));
view.touch.addEventListener('change', () => page.config && view.showChoice(page.config, page.choice));

// ---- the dev server ----

/** Loads the configuration again. An upload of another run begins anew, because its bucket is gone. */
async function reload(how, { isSameProcess }) {
  try {
    const config = await loadConfig();
    const isFirst = !page.config;
    // Also those that have failed because the server did not answer.
    const running = how === 'restarted' ? page.uploads.filter(({ isOver, failure }) => !isOver || failure?.isUnreachable) : [];
    // Another run has other keys, and another configuration may give the user other groups and claims.
    signOut();
    if (!isFirst) wanted ??= page.choice.route;
    const choice = isFirst ? firstChoice(config) : sameChoice(config, { ...page.choice, route: wanted });
    const gone = wanted && wanted.name !== choice.route.name ? ` Route ${wanted.name} is gone: ${choice.route.name} is chosen now.` : '';
    if (!gone) wanted = undefined;
    setConfig(config, choice);
    find('reloaded').textContent = isFirst ? '' : how === 'restarted'
      ? `${isSameProcess ? `${config.file ?? 'The configuration'} was saved with another [auth], region or versioning, so that the S3 server and the issuers began anew` : 'The dev server was started again'}: the bucket is empty, and this page uses the new ports and keys.`
      : `${config.file ?? 'The configuration'} was saved: this page uses it from now on.${gone}`;
    if (page.uploads.length === 0) showReady();
    for (const upload of running) restart(upload);
    return true;
  } catch {
    return false;
  }
}

/** Begins an upload anew when it has ended. */
async function restart(upload) {
  await upload.cancel();
  if (upload.isOver) retry(upload);
  else upload.addEventListener('change', function again() {
    if (!upload.isOver) return;
    upload.removeEventListener('change', again);
    retry(upload);
  });
}

try {
  const config = await loadConfig();
  setConfig(config, firstChoice(config));
  showReady();
} catch (error) {
  showProblem(error);
}
watch(reload);
