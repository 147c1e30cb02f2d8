// The requests of the page itself: to the issuer of tokens and to the dev server. Uploads are sent by the browser client.
//
// Every call resolves to its result and an `exchange`: the request and the response, so that they can be shown. Tokens are
// shortened, and so are the signatures of requests. A call throws `Refused` if the server refused the request, or `Unreachable` if
// there was no response; both have a message for the user and advice.

import { sentence } from '/elements.js';

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

export const RESTART = 'Is “upsign dev” still running? Start it again: this page finds it by itself, with its new ports and keys.';
export const CORS = `${RESTART} If it runs, open the page at the address that it printed: for CORS, localhost and 127.0.0.1 are different origins.`;

export const shorten = (text, keep = 10) => (text.length > keep ? `${text.slice(0, keep)}…` : text);

/** Shortens the signature and the session token of a presigned URL to six characters, so that it can be shown. */
export const shownUrl = (url) => url.replace(/([?&]X-Amz-(?:Signature|Security-Token)=)([^&]{6})[^&]*/g, '$1$2…');

/** Returns the header with the token. `token_header` of the configuration is its name. */
export const authorization = ({ tokenHeader }, token) => ({ [tokenHeader === 'authorization' ? 'Authorization' : tokenHeader]: `Bearer ${token}` });

/** The longest body of an answer in a report. Errors of S3 have about 2 KB. */
const MAX_REPORTED = 65536;

/** Returns what this page knows of a request that failed, for `diagnose`. The status is 0 if the browser shows no answer. */
export const reportOf = ({ method, url, headers, bodySize, fields }, { status = 0, headers: readable = {}, body = '' } = {}, grant) => ({
  request: { method, url, headers, bodySize, fields, origin: location.origin },
  response: { status, headers: readable, body: body.slice(0, MAX_REPORTED) },
  grant,
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

export async function call(service, url, init, advice = RESTART) {
  try {
    return await fetch(url, { cache: 'no-store', ...init });
  } catch (error) {
    if (init?.signal?.aborted) throw error;
    throw new Unreachable({ service, url, advice });
  }
}

export async function jsonOf(response) {
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

/** The same choice in another configuration, as far as it has the names. */
export function sameChoice(config, { user, issuer, route }) {
  const first = firstChoice(config);
  return {
    user: config.users.find(({ name }) => name === user.name) ?? first.user,
    issuer: config.issuers.find(({ name }) => name === issuer.name) ?? first.issuer,
    route: config.routes.find(({ name }) => name === route.name) ?? first.route,
  };
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
export async function signIn(config, { user, issuer }, signal) {
  const { headers, body, shown } = issuer.provider === 'oidc' ? passwordGrant(config, user, issuer) : initiateAuth(config, user, issuer);
  const service = issuer.provider === 'oidc' ? 'issuer' : 'user pool';
  const response = await call(`the ${service}`, issuer.endpoint, { method: 'POST', headers, body, signal }, CORS);
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

/** Gets a presigned GET URL from the dev server, and requests the stored object with it. */
export async function openStored(config, { route }, token, key, signal) {
  const headers = { ...authorization(config, token), 'Content-Type': 'application/json' };
  const answered = await call('the dev server', new URL('/dev/read', location.href).href, { method: 'POST', headers, body: JSON.stringify({ key, route: route.name }), signal });
  const { url, detail, code = '' } = await jsonOf(answered);
  if (!answered.ok || !url) {
    throw new Refused({ service: 'dev server', status: answered.status, code, words: sentence(detail ?? 'The dev server returned no URL for reading the object'), advice: RESTART });
  }
  const response = await call('S3', url, { signal }, CORS);
  const exchange = { method: 'GET', url: shownUrl(url), requestHeaders: [], status: response.status };
  if (!response.ok) {
    throw new Refused({ service: 'S3', status: response.status, code: `HTTP ${response.status}`, words: `S3 answered ${response.status} instead of the object.`, advice: RESTART, exchange });
  }
  const [type, length] = ['content-type', 'content-length'].map((name) => response.headers.get(name) ?? '');
  exchange.responseHeaders = [['content-type', type], ...(length ? [['content-length', length]] : [])];
  return { response, type, exchange };
}
