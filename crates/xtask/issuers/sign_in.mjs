// A client of OpenID Connect issuers: the authorization code flow with PKCE, as a browser and an application do it together, and
// the client credentials flow.
import { createHash, randomBytes } from 'node:crypto';
import { API, MACHINE, REDIRECT, SECRET, WEB } from './provider.mjs';

const encoded = (parameters) => new URLSearchParams(parameters);

/** Returns the discovery document of an issuer. */
export async function discover(issuer) {
  const response = await fetch(`${issuer}/.well-known/openid-configuration`);
  if (!response.ok) throw new Error(`${issuer}: discovery answered ${response.status}`);
  return response.json();
}

/** Signs a user in with the pages of the issuer and returns the answer of its token endpoint. */
export async function signIn(issuer, user, { scope = 'openid uploads:write', resource = API } = {}) {
  const document = await discover(issuer);
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(8).toString('hex');
  const request = {
    client_id: WEB, response_type: 'code', redirect_uri: REDIRECT, scope, state, nonce: state, resource,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
  };
  const callback = await throughPages(`${document.authorization_endpoint}?${encoded(request)}`, user);
  const answer = callback.searchParams;
  if (answer.get('state') !== state || !answer.get('code')) throw new Error(`the issuer redirected with ${callback}`);
  // RFC 9207: the response names its issuer.
  if (answer.get('iss') !== issuer) throw new Error(`the response is of ${answer.get('iss')}, not of ${issuer}`);
  return tokens(document, { grant_type: 'authorization_code', code: answer.get('code'), redirect_uri: REDIRECT, client_id: WEB, code_verifier: verifier });
}

/** Returns the access token of a program that signs in with its own secret. */
export async function clientCredentials(issuer, { scope, resource = API } = {}) {
  const basic = Buffer.from(`${MACHINE}:${encodeURIComponent(SECRET)}`).toString('base64');
  const form = { grant_type: 'client_credentials', resource, ...(scope && { scope }) };
  return (await tokens(await discover(issuer), form, { authorization: `Basic ${basic}` })).access_token;
}

async function tokens(document, form, headers = {}) {
  const response = await fetch(document.token_endpoint, { method: 'POST', body: encoded(form), headers });
  const answer = await response.json();
  if (!response.ok) throw new Error(`the token endpoint answered ${response.status}: ${JSON.stringify(answer)}`);
  return answer;
}

/** Follows redirects and submits the forms for sign-in and consent, until the issuer redirects to the application. */
async function throughPages(start, user) {
  const cookies = new Map();
  let [url, form] = [start, undefined];
  for (let step = 0; step < 12; step += 1) {
    if (url.startsWith(REDIRECT)) return new URL(url);
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { method: form ? 'POST' : 'GET', body: form, redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    const page = await response.text();
    if (location) {
      [url, form] = [new URL(location, url).href, undefined];
      continue;
    }
    const action = /<form[^>]* action="([^"]+)"/.exec(page)?.[1];
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
    if (!action || !prompt) throw new Error(`no form to submit at ${url}: ${response.status} ${page.slice(0, 500)}`);
    [url, form] = [action, encoded(prompt === 'login' ? { prompt, login: user, password: 'any' } : { prompt })];
  }
  throw new Error('the sign-in did not end');
}
