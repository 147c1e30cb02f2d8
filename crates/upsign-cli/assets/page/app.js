// The sequence of an upload: sign in, request a URL, PUT, read back; and four uploads that S3 must refuse. The requests
// are in calls.js, the display in view.js.

import { confirmUpload, diagnose, firstChoice, requestUploadUrl, loadConfig, readBack, Refused, sendToS3, sha256, signedType, signIn } from '/calls.js';
import * as view from '/view.js';

let config;
let choice; // who uploads, and where: { user, issuer, route }
let account; // the signed-in user: token and claims, kept until the token expires or another user is chosen
let last; // the last upload that S3 accepted: { file, grant, choice }
let attempted; // the file of the action that is running
let busy = false;

const SPARE_SECONDS = 30;

/** Runs one step and shows its result. An error is shown in that step and then thrown again. */
async function step(number, run, show) {
  view.showStep(number, 'active');
  const from = performance.now();
  try {
    const result = await run();
    view.showStep(number, 'ok', { took: performance.now() - from, content: show(result) });
    return result;
  } catch (error) {
    view.showStep(number, error instanceof Refused ? 'refused' : 'failed', { took: performance.now() - from, content: view.errorView(error) });
    throw error;
  }
}

/** Returns the current token of the user, or a new one if it is about to expire or another user's. */
async function signedIn({ user, issuer }) {
  const isSame = account?.user === user && account?.issuer === issuer;
  const reused = isSame && account.claims.exp - SPARE_SECONDS > Date.now() / 1000;
  view.setState('signing-in');
  account = await step(0, async () => (reused ? account : { ...await signIn(config, { user, issuer }), user, issuer }), (result) => view.signInView(result, reused));
  return account.token;
}

async function upload(file) {
  attempted = file;
  view.showAlert(null);
  view.showDiagnosis(null);
  view.showProgress(null);
  view.resetSteps(0);
  view.showFile(file);
  const chosen = choice;
  view.showMessage(`Signing in as ${chosen.user.name}…`);
  const token = await signedIn(chosen);

  view.setState('asking');
  view.showMessage('Requesting an upload URL from the API…');
  const { grant } = await step(1, () => requestUploadUrl(config, chosen, token, file), view.uploadUrlView);
  view.where('s3', new URL(grant.uploadUrl).host);

  view.setState('uploading');
  view.showMessage(`Sending ${view.bytes(file.size)} to S3…`);
  view.showProgress(0, file.size);
  await step(2, () => sendToS3(grant, file, { onProgress: view.showProgress, issued: { ...grant, contentLength: file.size } }), view.putView);
  view.showProgress(file.size, file.size);
  last = { file, grant, choice: chosen };
  view.allowCheats();

  const confirms = chosen.route.confirm && grant.uploadToken;
  view.nameStep(3, confirms ? 'Confirm it, then read it back' : 'Read it back');
  view.showMessage(confirms ? 'Confirming the upload…' : 'Reading the object back…');
  const sent = { fileType: file.type, type: signedType(grant), size: file.size, sha256: await sha256(file) };
  const stored = await step(3, async () => {
    const confirmed = confirms ? await confirmUpload(config, token, grant.uploadToken) : undefined;
    return { ...await readBack(config, chosen, token, grant.key), confirmed };
  }, (result) => view.storedView(sent, result));
  if (!view.isSame(sent, stored)) {
    view.showStep(3, 'failed', { content: view.storedView(sent, stored) });
    throw Object.assign(new Error('different'), { words: 'The stored object differs from your file.', advice: 'Step 3 shows what differs. This should never happen: please report it.' });
  }
  view.addHistory({ file, title: file.name, detail: grant.key, outcome: confirms ? 'confirmed' : 'stored' });
  view.showMessage(`${file.name} is in S3, and identical to your file.`, 'good');
  view.setState('done');
}

/** Shows that an attempt failed: state, message, history. */
function showFailure(error) {
  const file = attempted;
  const refused = error instanceof Refused;
  view.setState(refused ? 'refused' : 'failed');
  view.showMessage(error.state ? `The upload is not confirmed: ${error.state}.` : refused ? `The ${error.service} refused.`.replace('The S3', 'S3') : 'The upload failed.', 'bad');
  view.showAlert(error);
  if (file) view.addHistory({ file, title: file.name, detail: error.words ?? String(error), outcome: error.state ?? (refused ? 'refused' : 'failed') });
  if (error.status === 401) account = undefined;
}

/** Runs one action at a time. If another action is running, shows a message and does nothing. */
async function runExclusively(run) {
  if (busy) return view.showMessage('One moment: the last attempt is still running.');
  if (!config) return view.showMessage('The dev server has not answered yet. Reload this page.');
  busy = true;
  attempted = undefined;
  document.body.setAttribute('aria-busy', 'true');
  try {
    await run();
  } catch (error) {
    showFailure(error);
    if (error.report) view.showDiagnosis(await diagnose(error.report));
  } finally {
    busy = false;
    document.body.removeAttribute('aria-busy');
  }
  return undefined;
}

const startUpload = (file) => runExclusively(() => upload(file));

// ---- four uploads that the URL does not allow ----

const otherKey = (key) => key.replace(/[^/]+$/, 'another-users-photo.jpg');

const withOtherKey = (url) => {
  const [path, query] = url.split('?');
  return `${otherKey(path)}?${query}`;
};

// Each builds a grant and a body that differ from what was signed. A grant has headers, or for a form fields.
const CHEATS = {
  type: {
    title: 'Another content type',
    explanation: 'The upload was signed for the type of the file; the request has the content type text/html.',
    buildRequest: (grant, file) => [grant.fields
      ? { ...grant, fields: { ...grant.fields, 'Content-Type': 'text/html' } }
      : { ...grant, headers: { ...grant.headers, 'content-type': 'text/html' } }, file.slice(0, file.size, 'text/html')],
  },
  size: {
    title: 'One byte more',
    explanation: 'The upload was signed for the declared length; the body is one byte longer.',
    buildRequest: (grant, file) => [grant, new Blob([file, new Uint8Array(1)], { type: file.type })],
  },
  twice: {
    title: 'The URL twice',
    explanation: 'The upload worked; the same URL is used again to replace the object.',
    reuse: true,
    buildRequest: (grant, file) => [grant, file],
  },
  key: {
    title: 'Another key',
    explanation: 'The upload was signed for one key; the request names another.',
    buildRequest: (grant, file) => [grant.fields
      ? { ...grant, fields: { ...grant.fields, key: otherKey(grant.fields.key) } }
      : { ...grant, uploadUrl: withOtherKey(grant.uploadUrl) }, file],
  },
};

/** Returns the headers with lower-case names, so that one of them can be replaced. */
const lowerCase = (headers) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

async function cheat(button) {
  const { title, explanation, buildRequest, reuse } = CHEATS[button.dataset.cheat];
  const { file, choice: chosen } = last;
  view.showAlert(null);
  view.showDiagnosis(null);
  view.showCheat(button, { explanation });
  let { grant } = last;
  if (!reuse) {
    const token = await signedIn(chosen);
    view.setState('asking');
    ({ grant } = await requestUploadUrl(config, chosen, token, file));
  }
  view.setState('uploading');
  try {
    const [changed, body] = buildRequest({ ...grant, headers: lowerCase(grant.headers ?? {}) }, file);
    const { exchange } = await sendToS3(changed, body, { issued: { ...grant, contentLength: file.size } });
    view.showCheat(button, { explanation, exchange });
    view.addHistory({ file, title, detail: 'S3 accepted it: the policy does not forbid this.', outcome: 'accepted' });
    view.setState('failed');
  } catch (refusal) {
    if (!(refusal instanceof Refused)) throw refusal;
    view.showCheat(button, { explanation, refusal, diagnosis: await diagnose(refusal.report) });
    view.addHistory({ file, title, detail: `${refusal.status} ${refusal.code}`, outcome: 'refused' });
    view.setState('refused');
  }
}

// ---- user actions ----

async function useSample() {
  const { sample } = choice.route;
  if (!view.takesPhoto(choice.route)) return upload(new File([new Uint8Array(sample.contentLength)], sample.fileName ?? 'sample', { type: sample.contentType }));
  const answer = await fetch('/demo.jpg');
  if (!answer.ok) throw Object.assign(new Error(`/demo.jpg: ${answer.status}`), { words: 'The sample photo could not be loaded.', advice: 'Choose a photo of your own.' });
  return upload(new File([await answer.blob()], 'demo.jpg', { type: 'image/jpeg' }));
}

/** Uses another user, issuer or route from now on. */
function choose(changes) {
  choice = { ...choice, ...changes };
  view.showChoice(config, choice);
  if (busy) return;
  view.showAlert(null);
  view.showDiagnosis(null);
  view.resetSteps(0);
  view.showMessage(`Ready. Drop a ${view.noun(choice.route)}, or start with the sample.`);
  view.setState('ready');
}

function listen() {
  const { input, drop, sample, cheats } = view.parts;
  input.addEventListener('change', () => {
    const [file] = input.files;
    input.value = '';
    if (file) startUpload(file);
  });
  sample.addEventListener('click', () => runExclusively(useSample));
  for (const button of cheats) button.addEventListener('click', () => runExclusively(() => cheat(button)));

  let depth = 0; // dragenter and dragleave also fire for every child
  const over = (change) => { depth = Math.max(0, change); drop.classList.toggle('over', depth > 0); };
  document.addEventListener('dragenter', () => over(depth + 1));
  document.addEventListener('dragleave', () => over(depth - 1));
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    over(0);
    const files = event.dataTransfer?.files ?? [];
    if (files.length === 0) view.showMessage('Nothing to upload: drop a file from your file manager.');
    else startUpload(files[0]);
  });
}

listen();
try {
  config = await loadConfig();
  view.showConfig(config, choose);
  choose(firstChoice(config));
} catch (error) {
  showFailure(error);
}
