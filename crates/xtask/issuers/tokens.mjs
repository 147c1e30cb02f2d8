// Altered tokens, and the section `[auth]` of a service.
import { API } from './provider.mjs';

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Returns the token with another first character of the signature. */
export function altered(token) {
  const [header, payload, signature] = token.split('.');
  return `${header}.${payload}.${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`;
}

/** Returns the claims of a token without a signature: `alg` is `none` (RFC 7519, section 6). */
export const unsigned = (token) => `${encode({ typ: 'at+jwt', alg: 'none' })}.${token.split('.')[1]}.`;

/** Returns the claims of a token. */
export const claims = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

/** Returns `[auth]`, or one of several `[[auth]]`, for tokens of another issuer than Cognito. */
export const auth = (keys, several = false) => section({ provider: 'oidc', audiences: [API], ...keys }, several);

/** The time for fetches of keys on a machine that does much else at the same time. */
export const PATIENT = { fetch_timeout: '30s' };

/** Returns `[auth]` with these keys. JSON's texts, numbers and lists are those of TOML. */
export function section(keys, several = false) {
  const all = several ? keys : { ...PATIENT, ...keys };
  const lines = Object.entries(all).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
  return `${several ? '[[auth]]' : '[auth]'}\n${lines.join('')}\n`;
}
