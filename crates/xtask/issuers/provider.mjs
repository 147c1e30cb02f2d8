// Starts OpenID Connect issuers on this machine, with the package oidc-provider: discovery, sign-in pages, tokens and keys.
import { generateKeyPair, randomUUID } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { promisify } from 'node:util';
import { quietly, load } from './packages.mjs';

const { Provider } = await load('oidc-provider/lib/index.js');

/** The API for which clients request tokens, by its resource indicator (RFC 8707). It becomes `aud`. */
export const API = 'https://uploads.example.com';

/** The users of every issuer, with their groups. The password is not checked. */
const GROUPS = { alice: ['editors'], bob: ['readers'] };

/** The address to which a signed-in user is redirected. Nothing listens there: the code is taken from the header. */
export const REDIRECT = 'http://127.0.0.1/callback';

/** A client that signs in users, and one that is a program of its own. */
export const WEB = 'web', MACHINE = 'machine', SECRET = 'the secret of the machine, which is long enough';

const KEYS = {
  RS256: ['rsa', { modulusLength: 2048 }],
  ES256: ['ec', { namedCurve: 'P-256' }],
  EdDSA: ['ed25519', {}],
};

/** Returns a new private key for an algorithm, as JWK. */
export async function newKey(alg, kid = randomUUID()) {
  const { privateKey } = await promisify(generateKeyPair)(...KEYS[alg]);
  return { ...privateKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
}

/**
 * Starts an issuer at a free port.
 *
 * - `alg`, `keys`: tokens are signed with the first of these private keys for the algorithm
 * - `path`: where the issuer is mounted
 * - `tls`: its certificate and key; without them it speaks http
 * - `name`, `listen`: the host name in its address, and the address at which it listens
 * - `url`: the value of `iss`, if it is not the address
 * - `ttl`: the lifetime of tokens in seconds
 * - `settings`: further settings of oidc-provider
 */
export async function startIssuer({ alg = 'RS256', keys, path = '', tls, name = '127.0.0.1', listen = '127.0.0.1', url, ttl = 600, settings = {} } = {}) {
  let answer;
  const handler = (request, response) => answer(request, response);
  const server = tls ? https.createServer(tls, handler) : http.createServer(handler);
  await new Promise((listening) => { server.listen(0, listen, listening); });
  const { port } = server.address();
  const address = `${tls ? 'https' : 'http'}://${name}:${port}${path}`;
  const issuer = url ?? address;
  const seen = [];

  const use = (jwks) => {
    const provider = quietly(() => new Provider(issuer, configuration(alg, jwks, ttl, settings)));
    provider.on('server_error', (_, error) => console.error(error));
    const callback = provider.callback();
    answer = (request, response) => {
      seen.push(request.url);
      if (!request.url.startsWith(`${path}/`)) return response.writeHead(404).end();
      // What Express does for an application that is mounted at a path. The issuer derives its own addresses from both.
      request.originalUrl = request.url;
      request.url = request.url.slice(path.length);
      return callback(request, response);
    };
  };
  use(keys ?? [await newKey(alg)]);
  return {
    issuer,
    /** Where it is. That differs from `issuer` if `url` was given. */
    address,
    port,
    /** The paths of the requests so far. */
    seen,
    /** Replaces the keys, as a restart with another configuration does. */
    rotate: use,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function configuration(alg, keys, ttl, settings) {
  return {
    ...settings,
    jwks: { keys },
    cookies: { keys: ['a key for the cookies of a test'] },
    clients: [
      // A public client of the kind "native" may redirect to this machine over http.
      { client_id: WEB, application_type: 'native', token_endpoint_auth_method: 'none', redirect_uris: [REDIRECT], id_token_signed_response_alg: alg },
      { client_id: MACHINE, client_secret: SECRET, grant_types: ['client_credentials'], redirect_uris: [], response_types: [], id_token_signed_response_alg: alg },
    ],
    clientDefaults: { grant_types: ['authorization_code'], response_types: ['code'], id_token_signed_response_alg: alg },
    enabledJWA: { idTokenSigningAlgValues: Object.keys(KEYS) },
    scopes: ['openid', 'uploads:write'],
    claims: { openid: ['sub', 'groups'] },
    pkce: { required: () => true },
    ttl: { AccessToken: ttl, ClientCredentials: ttl, IdToken: ttl, Grant: 600, Interaction: 600, Session: 600, AuthorizationCode: 60 },
    // The id token has the claims of the user too, not only the endpoint /me.
    conformIdTokenClaims: false,
    findAccount: (_, id) => GROUPS[id] && { accountId: id, claims: () => ({ sub: id, groups: GROUPS[id] }) },
    extraTokenClaims: settings.extraTokenClaims ?? ((_, token) => ({ groups: GROUPS[token.accountId] })),
    features: {
      devInteractions: { enabled: true },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource) => ({ audience: resource, scope: 'uploads:write', accessTokenTTL: ttl, accessTokenFormat: 'jwt', jwt: { sign: { alg } } }),
        useGrantedResource: () => true,
      },
      ...settings.features,
    },
  };
}
