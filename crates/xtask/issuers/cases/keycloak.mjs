// An issuer with the shape of Keycloak. It is not Keycloak, which is a Java program of several hundred megabytes.
//
// What it has of Keycloak:
// - the issuer is a path, `/realms/NAME`, and its endpoints are below `/protocol/openid-connect/`, the keys at `…/certs`:
//   https://www.keycloak.org/securing-apps/oidc-layers
// - roles are in `realm_access.roles` and `resource_access.CLIENT.roles`, the client in `azp`, without `client_id`:
//   https://www.keycloak.org/docs/latest/server_admin/index.html#_audience_resolve
// - `typ` of the payload is `Bearer` in access tokens and `ID` in id tokens, while that of the header is `JWT`:
//   https://github.com/keycloak/keycloak/blob/main/core/src/main/java/org/keycloak/util/TokenUtil.java
// - `aud` is a list of the clients and APIs for which the user has roles, `account` among them:
//   https://www.keycloak.org/docs/latest/server_admin/index.html#audience-support
// - the published keys include one for encryption (`"use": "enc"`, RSA-OAEP), with the same key type as the one for signatures:
//   https://github.com/keycloak/keycloak/blob/main/services/src/main/java/org/keycloak/keys/GeneratedRsaEncKeyProviderFactory.java
import { newKey, startIssuer } from '../provider.mjs';
import { upload, withService } from '../service.mjs';
import { signIn } from '../sign_in.mjs';
import { auth } from '../tokens.mjs';

const ROLES = { alice: ['uploader', 'offline_access'], bob: ['offline_access'] };
const BASE = '/protocol/openid-connect';

function customize(_, token, jwt) {
  const { client_id: azp, groups, ...payload } = jwt.payload;
  jwt.header = { typ: 'JWT' };
  jwt.payload = {
    ...payload, azp, typ: 'Bearer', aud: ['upload-api', 'account'], sid: 'a5b0c1d2-3e4f-4051-8263-748596a7b8c9', acr: '1',
    'allowed-origins': ['https://app.example.com'],
    realm_access: { roles: ROLES[token.accountId] },
    resource_access: { account: { roles: ['manage-account', 'view-profile'] } },
    scope: 'openid profile email', preferred_username: token.accountId,
  };
}

export async function keycloak({ tls, environment }) {
  const encryption = { ...await newKey('RS256', 'encryption'), use: 'enc', alg: 'RSA-OAEP' };
  const settings = {
    // Without it, oidc-provider refuses to publish the key.
    features: { encryption: { enabled: true } },
    formats: { customizers: { jwt: customize } },
    routes: { authorization: `${BASE}/auth`, jwks: `${BASE}/certs`, token: `${BASE}/token`, userinfo: `${BASE}/userinfo` },
  };
  const { issuer, seen, close } = await startIssuer({ tls, path: '/realms/main', keys: [encryption, await newKey('RS256', 'signature')], settings });
  const config = auth({ issuer, audiences: ['upload-api'], token_use: 'access', groups_claim: 'realm_access.roles', groups: ['uploader'] });
  await withService('keycloak', config + upload(), async (service) => {
    const alice = await signIn(issuer, 'alice');
    await service.grants(alice.access_token, 'alice/{id}.jpg', 'a user with the role');
    if (!seen.includes(`/realms/main${BASE}/certs`)) throw new Error(`the keys were not fetched below ${BASE}: ${seen}`);
    const bob = await signIn(issuer, 'bob');
    await service.refuses(bob.access_token, { status: 403, reason: 'offline_access' }, 'a user without the role');
    await service.refuses(alice.id_token, { reason: 'token-use: ' }, 'an id token');
  }, environment);
  // The same path under another realm is another issuer.
  await withService('keycloak-realm', auth({ issuer: issuer.replace('main', 'other'), jwks_uri: `${issuer}${BASE}/certs`, audiences: ['upload-api'], token_use: 'access' }) + upload(), async (service) => {
    await service.refuses((await signIn(issuer, 'alice')).access_token, { reason: '/realms/other' }, 'a token of another realm');
  }, environment);
  close();
}
