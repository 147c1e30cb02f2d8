// Keys that appear and disappear while `upsign serve` runs.
import { newKey, startIssuer } from '../provider.mjs';
import { upload, withService } from '../service.mjs';
import { clientCredentials, signIn } from '../sign_in.mjs';
import { auth } from '../tokens.mjs';

/** Keys are fetched at most once in ten seconds: the table of `upsign_jwt::JwksCache`. */
const BETWEEN_FETCHES = 11_000;
const later = () => new Promise((then) => { setTimeout(then, BETWEEN_FETCHES); });

export async function rotation({ tls, environment }) {
  const [first, second, third] = await Promise.all(['first', 'second', 'third'].map((kid) => newKey('RS256', kid)));
  const { issuer, seen, rotate, close } = await startIssuer({ tls, keys: [first] });
  const fetches = () => seen.filter((path) => path === '/jwks').length;
  await withService('rotation', auth({ issuer, token_use: 'access' }) + upload(), async (service) => {
    const old = (await signIn(issuer, 'alice')).access_token;
    await service.grants(old, 'alice/{id}.jpg', 'a token of the first key');
    const before = fetches();
    await later();
    rotate([second, first]);
    await service.grants(await clientCredentials(issuer), 'machine/{id}.jpg', 'a token of a second key, which is new');
    await service.grants(old, 'alice/{id}.jpg', 'a token of the first key, which is still published');
    if (fetches() !== before + 1) throw new Error(`one new key caused ${fetches() - before} fetches`);
    await later();
    rotate([third]);
    await service.grants(old, 'alice/{id}.jpg', 'a token of the first key, before the next fetch');
    await service.grants(await clientCredentials(issuer), 'machine/{id}.jpg', 'a token of a third key');
    await service.refuses(old, { reason: 'unknown-kid' }, 'a token of the first key, which is published no more');
    if (fetches() !== before + 2) throw new Error(`two new keys caused ${fetches() - before} fetches`);
  }, environment);
  close();
}
