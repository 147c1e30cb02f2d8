// An issuer that is found by discovery over TLS: each algorithm, users and programs, and what is refused.
import { API, newKey, startIssuer } from '../provider.mjs';
import { upload, withService } from '../service.mjs';
import { clientCredentials, signIn } from '../sign_in.mjs';
import { altered, auth, unsigned } from '../tokens.mjs';

/** A route for everybody, one for a group and one for a scope. */
const ROUTES = `${upload('{sub}/{id}.{ext}')}
[route.group]
key = "group/{id}.{ext}"
types = ["image/jpeg"]
max_size = "1 MiB"
bodyless = "refuse"
groups = ["editors"]

[route.scope]
key = "scope/{id}.{ext}"
types = ["image/jpeg"]
max_size = "1 MiB"
bodyless = "refuse"
scopes = ["uploads:write"]
`;

/** Signs a user and a program in at an issuer that signs with this algorithm. */
export async function accepts(alg, { tls, environment }) {
  const { issuer, close } = await startIssuer({ alg, tls });
  const config = auth({ issuer, token_type: 'at+jwt', token_use: 'access', ...(alg !== 'RS256' && { algorithms: [alg] }) });
  await withService(`oidc-${alg}`, config + upload(), async (service) => {
    const { access_token: token } = await signIn(issuer, 'alice');
    await service.grants(token, 'alice/{id}.jpg', 'the access token of a user');
    await service.grants(await clientCredentials(issuer), 'machine/{id}.jpg', 'the token of a program, whose sub is its client id');
    await service.refuses(altered(token), { reason: 'signature: ' }, 'an altered signature');
  }, environment);
  close();
}

/** Sends everything to a service that it must refuse. */
export async function refuses({ tls, environment }) {
  const { issuer, close } = await startIssuer({ tls, keys: [await newKey('RS256', 'published')] });
  const other = await startIssuer({ tls });
  // Two issuers that claim to be the first one: with a key of the same id, and with another one.
  const impostor = await startIssuer({ tls, url: issuer, keys: [await newKey('RS256', 'published')] });
  const stranger = await startIssuer({ tls, url: issuer });
  const config = auth({ issuer, audiences: [API, 'web'], token_use: 'access', leeway: '0s' });
  await withService('refused', config + ROUTES, async (service) => {
    const { access_token: token, id_token: idToken } = await signIn(issuer, 'alice');
    const bob = (await signIn(issuer, 'bob', { scope: 'openid' })).access_token;
    await service.grants(token, 'group/{id}.jpg', 'a caller in the group', { route: 'group' });
    await service.grants(token, 'scope/{id}.jpg', 'a token with the scope', { route: 'scope' });
    await service.refuses(bob, { status: 403, reason: 'groups readers, expected one of editors', route: 'group' }, 'a caller who is not in the group');
    await service.refuses(bob, { status: 403, reason: 'no scope, expected one of uploads:write', route: 'scope' }, 'a token without the scope');

    const elsewhere = (await signIn(issuer, 'alice', { resource: 'https://other.example.com' })).access_token;
    await service.refuses(elsewhere, { reason: 'audience: the token is for the audience `https://other.example.com`' }, 'a token for another API');
    await service.refuses(idToken, { reason: 'token-use: ' }, 'an id token, although its audience is listed');
    await service.refuses(unsigned(token), { reason: 'algorithm: ' }, 'an unsigned token');
    await service.refuses((await signIn(other.issuer, 'alice')).access_token, { reason: `unknown-issuer: the token names the issuer \`${other.issuer}\`` }, 'a token of another issuer, whose key is unknown');
    await service.refuses(await clientCredentials(impostor.address), { reason: 'signature: ' }, 'a token that another issuer signed, in the name of this one');
    await service.refuses(await clientCredentials(stranger.address), { reason: 'unknown-kid' }, 'the same with a key that is not published');
    await service.verifies(token, 'accept', 'an access token');
    await service.verifies(elsewhere, 'audience', 'a token for another API');
    await service.verifies(idToken, 'token-use', 'an id token');
    await service.refuses('x', { reason: 'not-compact: ' }, 'something that is no token');

    const { status, challenge } = await service.ask('', { headers: {} });
    // RFC 6750, section 3.1: without a token, the challenge has no error code.
    if (status !== 401 || challenge.includes('error=')) throw new Error(`without a token: ${status} ${challenge}`);
  }, environment);
  for (const one of [other, impostor, stranger]) one.close();
  close();
}

/** Sends a token after its end. */
export async function expires({ tls, environment }) {
  const { issuer, close } = await startIssuer({ tls, ttl: 3 });
  const config = auth({ issuer, token_use: 'access', leeway: '0s' });
  await withService('expired', config + upload(), async (service) => {
    const { access_token: token } = await signIn(issuer, 'alice');
    await service.grants(token, 'alice/{id}.jpg', 'a token within its three seconds');
    await new Promise((later) => { setTimeout(later, 4000); });
    await service.refuses(token, { reason: 'expired: ' }, 'the same token after them');
  }, environment);
  close();
}
