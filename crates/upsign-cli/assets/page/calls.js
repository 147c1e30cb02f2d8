// The requests of an upload: to the user pool, to the API, to S3. This file does not use the DOM.
//
// Every call resolves to its result and an `exchange`: the request and the response, so that they can be shown. Tokens are
// shortened, and so are the signatures of requests. The answer of the API is shown as it is: its URL works on this machine
// only. A call throws `Refused` if the server refused the request, or `Unreachable` if there was no response; both have a
// message for the user and advice, and of the API and S3 a report that `diagnose` reads.

/** The server refused the request. */
export class Refused extends Error {
  constructor({ service, status, code, words, advice, exchange, state, report }) {
    super(words);
    Object.assign(this, { service, status, code, words, advice, exchange, state, report });
  }
}

/** There was no response: the server is not running, or the browser withheld the response because of CORS. */
export class Unreachable extends Error {
  constructor({ service, url, advice, report }) {
    super(`No answer from ${service} at ${new URL(url).host}.`);
    Object.assign(this, { service, words: this.message, advice, report });
  }
}

const RESTART = 'Is “upsign dev” still running? Start it again and reload this page: each start uses new ports and new keys.';
const CORS = `${RESTART} If it runs, open the page at the address that it printed: for CORS, localhost and 127.0.0.1 are different origins.`;

const shorten = (text, keep = 10) => (text.length > keep ? `${text.slice(0, keep)}…` : text);

/** Shortens the signature and the session token of a presigned URL to six characters, so that it can be shown. */
export const shownUrl = (url) => url.replace(/([?&]X-Amz-(?:Signature|Security-Token)=)([^&]{6})[^&]*/g, '$1$2…');

/** Shortens the signature and the session token among the fields of a form. */
const shownFields = (fields) => Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, /signature|security-token/i.test(name) ? shorten(value, 6) : value]));

/** Returns the header with the token. `token_header` of the configuration is its name. */
const authorization = ({ tokenHeader }, token) => ({ [tokenHeader === 'authorization' ? 'Authorization' : tokenHeader]: `Bearer ${token}` });

/** The longest body of an answer in a report. Errors of S3 have about 2 KB. */
const MAX_REPORTED = 65536;

/** Returns what this page knows of a request that failed, for `diagnose`. The status is 0 if the browser shows no answer. */
const reportOf = ({ method, url, headers, bodySize, fields }, { status = 0, headers: readable = {}, body = '' } = {}, grant) => ({
  request: { method, url, headers, bodySize, fields, origin: location.origin },
  response: { status, headers: readable, body: body.slice(0, MAX_REPORTED) },
  grant,
});

/** Returns the report of a call of the API, whose answer is JSON. */
const apiReport = (url, headers, response, answer) => reportOf({ method: 'POST', url, headers }, {
  status: response.status, headers: Object.fromEntries(response.headers), body: JSON.stringify(answer),
});

/** Asks the dev server why a request failed. Returns nothing if the server cannot say: the failure itself is shown anyway. */
export async function diagnose(report) {
  try {
    const response = await fetch('/dev/diagnose', { method: 'POST', cache: 'no-store', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(report) });
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined;
  }
}

async function call(service, url, init, advice = RESTART) {
  try {
    return await fetch(url, { cache: 'no-store', ...init });
  } catch {
    throw new Unreachable({ service, url, advice });
  }
}

/** Turns the detail of a problem document, which has no capital letter and no period, into a sentence. */
const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.');

async function jsonOf(response) {
  try {
    return await response.json();
  } catch {
    return {};
  }
}

/** Loads the addresses, the users, the issuers and the routes of this run. */
export async function loadConfig() {
  const response = await call('the dev server', new URL('/dev/config.json', location.href).href);
  if (!response.ok) {
    throw new Refused({ service: 'dev server', status: response.status, code: 'config', words: `The dev server answered ${response.status} instead of its configuration.`, advice: RESTART });
  }
  return response.json();
}

/** The choice with which the page starts: the first user who may use a route, and the first issuer. */
export function firstChoice({ users, issuers, routes }) {
  const permits = (route) => users.find((user) => !(route.name in user.denials[0]));
  const route = routes.find(permits) ?? routes[0];
  return { route, user: permits(route) ?? users[0], issuer: issuers[0] };
}

/** Decodes header and claims of a JSON Web Token. The signature is not verified. */
export function decodeToken(token) {
  const part = (text) => {
    const bytes = Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  };
  const [header, claims] = token.split('.');
  return { header: part(header), claims: part(claims) };
}

/** Signs the user in at the issuer. Returns the token that the API accepts. */
export async function signIn(config, { user, issuer }) {
  const { headers, body, shown } = issuer.provider === 'oidc' ? passwordGrant(config, user, issuer) : initiateAuth(config, user, issuer);
  const service = issuer.provider === 'oidc' ? 'issuer' : 'user pool';
  const response = await call(`the ${service}`, issuer.endpoint, { method: 'POST', headers, body }, CORS);
  const answer = await jsonOf(response);
  const exchange = { method: 'POST', url: issuer.endpoint, requestHeaders: Object.entries(headers), requestBody: shown, status: response.status };
  const token = (answer.AuthenticationResult ?? answer)[issuer.token];
  if (!response.ok || !token) {
    const code = String(answer.__type ?? answer.error ?? 'no token').replace(/^.*#/, '');
    const message = answer.message ?? answer.Message ?? answer.error_description ?? '';
    throw new Refused({ service, status: response.status, code, words: `The ${service} did not sign ${user.name} in.`, advice: `${message} ${RESTART}`.trim(), exchange });
  }
  return { token, shownToken: shorten(token, 14), ...decodeToken(token), exchange };
}

const HIDDEN = '••••••••';

/** Cognito's InitiateAuth with a user name and a password. */
function initiateAuth({ password }, user, { clientId }) {
  const headers = { 'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': 'AWSCognitoIdentityProviderService.InitiateAuth' };
  const body = (PASSWORD) => ({ AuthFlow: 'USER_PASSWORD_AUTH', ClientId: clientId, AuthParameters: { USERNAME: user.name, PASSWORD } });
  return { headers, body: JSON.stringify(body(password)), shown: body(HIDDEN) };
}

/** The token endpoint of an OpenID Connect issuer with a user name and a password (RFC 6749, section 4.3). */
function passwordGrant({ password }, user, { clientId }) {
  const form = (secret) => ({ grant_type: 'password', client_id: clientId, username: user.name, password: secret });
  return { headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(form(password)).toString(), shown: form(HIDDEN) };
}

const ADVICE_BY_STATUS = {
  400: 'The request does not have the form that the API expects.',
  401: 'The token was not accepted: it may have expired, or belong to an earlier start. Reload the page to sign in again.',
  403: 'The configuration does not let this user upload this here. Choose another user or route, or start with --user, --group, --scope and --claim.',
  413: 'Choose a smaller file. “max_size” in upsign.toml is the limit.',
  415: 'Choose a file of an allowed type. “types” in upsign.toml names them.',
  503: 'The API cannot sign right now, usually because it has no credentials. Try again in a moment.',
};

// The checksums that browsers can compute, by their names in the API.
const DIGESTS = { sha256: 'SHA-256', sha1: 'SHA-1' };

const ADVICE_BY_CODE = {
  'multipart-not-allowed': 'This page sends each file in one request. Send this one with the command upsign upload.',
};

/** Returns the members of a request that only some policies need: the name of the route, a checksum, and that one request sends the file. */
async function requirements(route, file) {
  const members = route.member ? { route: route.member } : {};
  if (route.multipart) members.multipart = false;
  const name = route.requiredChecksums.find((checksum) => checksum in DIGESTS);
  if (name) {
    const digest = new Uint8Array(await crypto.subtle.digest(DIGESTS[name], await file.arrayBuffer()));
    members.checksum = { [name]: btoa(String.fromCharCode(...digest)) };
  }
  return members;
}

/** Step 1 of an upload: requests an upload URL for this file. */
export async function requestUploadUrl(config, { route }, token, file) {
  const url = config.api + config.uploadUrlPath;
  const body = { contentType: file.type, contentLength: file.size, fileName: file.name, ...await requirements(route, file) };
  const headers = { 'Content-Type': 'application/json' };
  const response = await call('the API', url, { method: 'POST', headers: { ...headers, ...authorization(config, token) }, body: JSON.stringify(body) });
  const answer = await jsonOf(response);
  const exchange = {
    method: 'POST',
    url,
    requestHeaders: [...Object.entries(authorization(config, shorten(token))), ...Object.entries(headers)],
    requestBody: body,
    status: response.status,
    responseBody: answer,
  };
  if (!response.ok) {
    const words = sentence(answer.detail ?? answer.title ?? `The API answered ${response.status}.`);
    const advice = ADVICE_BY_CODE[answer.code] ?? ADVICE_BY_STATUS[response.status] ?? RESTART;
    throw new Refused({ service: 'API', status: response.status, code: answer.code ?? '', words, advice, exchange, report: apiReport(url, { ...authorization(config, token), ...headers }, response, answer) });
  }
  return { grant: answer, exchange };
}

const REASON_WORDS = {
  'type-mismatch': 'The bytes are not those of the type that was signed.',
  'unknown-type': 'The service has no check for this type.',
  'active-content': 'The file contains a script.',
  polyglot: 'The file can be read as two types.',
  archive: 'The file is an archive, or is none where one is expected.',
  truncated: 'The file ends too early.',
};

const pause = (seconds) => new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });

/** Confirms an upload, and waits while the object is inspected or moved. Throws `Refused` unless it is confirmed. */
export async function confirmUpload(config, token, uploadToken) {
  const url = config.api + config.confirmPath;
  const headers = { 'Content-Type': 'application/json' };
  for (;;) {
    const response = await call('the API', url, { method: 'POST', headers: { ...headers, ...authorization(config, token) }, body: JSON.stringify({ uploadToken }) });
    const answer = await jsonOf(response);
    const exchange = {
      method: 'POST',
      url,
      requestHeaders: [...Object.entries(authorization(config, shorten(token))), ...Object.entries(headers)],
      requestBody: { uploadToken: shorten(uploadToken) },
      status: response.status,
      responseBody: answer.receipt ? { ...answer, receipt: shorten(answer.receipt) } : answer,
    };
    if (!response.ok) {
      const words = sentence(answer.detail ?? `The API answered ${response.status}.`);
      const report = apiReport(url, { ...authorization(config, token), ...headers }, response, answer);
      throw new Refused({ service: 'API', status: response.status, code: answer.code ?? '', words, advice: ADVICE_BY_STATUS[response.status] ?? RESTART, exchange, report });
    }
    if (answer.state === 'confirmed') return { ...answer, exchange };
    if (answer.state !== 'pending') {
      const words = REASON_WORDS[answer.reason] ?? `The upload is not confirmed: ${[answer.state, answer.reason].filter(Boolean).join(', ')}.`;
      const advice = answer.state === 'rejected' ? 'The object stays where nobody reads it. Choose another file.' : 'Upload the file again.';
      throw new Refused({ service: 'API', code: answer.reason ?? answer.state, words, advice, exchange, state: answer.state });
    }
    await pause(answer.retryAfter ?? 1);
  }
}

/** Returns the content type that a grant is signed for. It is another one than that of the file if the policy names the type otherwise. */
export const signedType = ({ headers, fields }) => Object.entries(headers ?? fields).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';

const S3_WORDS = {
  SignatureDoesNotMatch: 'The request differs from what was signed, so the signature does not match.',
  PreconditionFailed: 'An object with this key already exists, and the URL was signed for a new object only.',
  AccessDenied: 'The URL does not allow this request, or it has expired.',
  EntityTooLarge: 'The file is larger than the permission allows.',
  NoSuchBucket: 'The bucket does not exist.',
  RequestTimeTooSkewed: 'The clocks of this machine and of the server are too far apart.',
};

/** Reads `<Code>` and `<Message>` of an S3 error document. */
function s3Error(xml, status) {
  const root = new DOMParser().parseFromString(xml || '<none/>', 'application/xml');
  const text = (name) => root.querySelector(name)?.textContent ?? '';
  const code = text('Code') || (status === 412 ? 'PreconditionFailed' : `HTTP ${status}`);
  return { code, message: text('Message'), words: S3_WORDS[code] ?? (text('Message') || `S3 answered ${status}.`) };
}

/** Reads the headers of an answer that the page may see: `name: value` in each line. */
const headersOf = (lines) => Object.fromEntries(lines.trim().split('\r\n').filter(Boolean).map((line) => {
  const [name, ...value] = line.split(': ');
  return [name, value.join(': ')];
}));

/** Returns a form with the fields of a grant in their order, and the file last. */
function formOf(fields, body) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', body);
  return form;
}

/**
 * Step 2: sends the file to S3, by XMLHttpRequest because fetch does not report upload progress.
 * The grant has the method, and the headers of a PUT or the fields of a form; the browser adds host and content-length.
 * `issued` is the grant as the API issued it, with the length that was asked for: a diagnosis compares the request with it.
 */
export function sendToS3(grant, body, { onProgress = () => {}, issued = grant } = {}) {
  const { method, uploadUrl: url, headers = {}, fields } = grant;
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => onProgress(event.loaded, event.total);
    const sent = { method, url, headers: fields ? { 'content-type': 'multipart/form-data' } : headers, bodySize: fields ? undefined : body.size, fields: fields && { ...fields, file: body.name ?? 'file' } };
    const signed = { uploadUrl: issued.uploadUrl, method: issued.method, headers: issued.headers, contentLength: issued.contentLength };
    const report = (answer) => reportOf(sent, answer, signed);
    request.onerror = () => reject(new Unreachable({ service: 'S3', url, advice: CORS, report: report() }));
    request.onload = () => {
      const { status } = request;
      const etag = request.getResponseHeader('ETag');
      const exchange = {
        method,
        url: shownUrl(url),
        requestHeaders: fields ? [['content-type', 'multipart/form-data']] : [...Object.entries(headers), ['content-length', String(body.size)]],
        ...(fields ? { requestBody: shownFields(fields) } : {}),
        status,
        responseHeaders: etag ? [['ETag', etag]] : [],
      };
      if (status >= 200 && status < 300) return resolve({ status, etag, exchange });
      const { code, message, words } = s3Error(request.responseText, status);
      exchange.responseBody = { Code: code, Message: message };
      const answer = { status, headers: headersOf(request.getAllResponseHeaders()), body: request.responseText };
      return reject(new Refused({ service: 'S3', status, code, words, advice: 'Request a new URL and send exactly what it was signed for.', exchange, report: report(answer) }));
    };
    request.send(fields ? formOf(fields, body) : body);
  });
}

const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Returns the SHA-256 of a Blob in hexadecimal. */
export const sha256 = async (blob) => hex(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));

/** Step 3: gets a presigned GET URL from the dev server, then reads the stored object. */
export async function readBack(config, { route }, token, key) {
  const headers = { ...authorization(config, token), 'Content-Type': 'application/json' };
  const urlResponse = await call('the dev server', new URL('/dev/read', location.href).href, { method: 'POST', headers, body: JSON.stringify({ key, route: route.name }) });
  const answer = await jsonOf(urlResponse);
  if (!urlResponse.ok || !answer.url) {
    throw new Refused({ service: 'dev server', status: urlResponse.status, code: answer.code ?? '', words: sentence(answer.detail ?? 'The dev server returned no URL for reading the object'), advice: ADVICE_BY_STATUS[urlResponse.status] ?? RESTART });
  }
  const response = await call('S3', answer.url, {}, CORS);
  const exchange = { method: 'GET', url: shownUrl(answer.url), requestHeaders: [], status: response.status };
  if (!response.ok) {
    const { code, words } = s3Error(await response.text(), response.status);
    throw new Refused({ service: 'S3', status: response.status, code, words, advice: RESTART, exchange });
  }
  const blob = await response.blob();
  const type = response.headers.get('content-type') ?? '';
  exchange.responseHeaders = [['content-type', type], ['content-length', String(blob.size)]];
  return { blob, type, size: blob.size, sha256: await sha256(blob), exchange };
}
