// Two emulators of Cognito user pools, ministack and cognito-local. Users were signed in with InitiateAuth; `tools/pool.py`
// describes each pool and has the tokens.
//
// An issuer is only compared. Ministack's is that of AWS, `https://cognito-idp.…`, and cognito-local's its own address, so only
// the address of the keys needs the option for http.
import { upload, withService } from '../service.mjs';
import { altered, section } from '../tokens.mjs';

/** Returns the keys of `[auth]` for an emulated pool. `host` is a name in place of the address 127.0.0.1. */
export function ofPool({ endpoint, pool: { issuer, pool, client } }, host = '127.0.0.1') {
  const keys = `${endpoint.replace('127.0.0.1', host)}/${pool}/.well-known/jwks.json`;
  return { issuer, jwks_uri: keys, danger_http_keys: true, client_ids: [client], token_use: 'access' };
}

/** Signs the user of a pool in, with its access token and its id token. */
export async function cognito(name, server, host) {
  const { access_token: access, id_token: id } = server.pool;
  const user = '[0-9a-zA-Z-]+';
  await withService(name, section(ofPool(server, host)) + upload('{sub}/{id}.{ext}', 'groups = ["writers"]'), async (service) => {
    await service.grants(access, `${user}/{id}.jpg`, 'an access token');
    await service.verifies(access, 'accept', 'an access token');
    await service.refuses(altered(access), { reason: 'signature: ' }, 'an altered token');
    await service.refuses(id, { reason: 'token-use: ' }, 'an id token in place of it');
  });
  await withService(`${name}-id`, section({ ...ofPool(server, host), token_use: 'id' }) + upload('{claim:email}/{id}.{ext}'), async (service) => {
    await service.grants(id, 'alice~40example~2Ecom/{id}.jpg', 'an id token, with a claim in the key');
    await service.refuses(access, { reason: 'token-use: ' }, 'an access token in place of it');
  });
  await withService(`${name}-client`, section({ ...ofPool(server, host), client_ids: ['another-client'] }) + upload(), async (service) => {
    await service.refuses(access, { reason: 'another-client' }, 'a token of another client');
  });
}
