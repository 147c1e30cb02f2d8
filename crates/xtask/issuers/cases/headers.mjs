// Where the token is, and how long it may be.
import { startIssuer } from '../provider.mjs';
import { upload, withService } from '../service.mjs';
import { signIn } from '../sign_in.mjs';
import { auth } from '../tokens.mjs';

const HEADER = 'x-upload-token';

/** CloudFront signs its requests to a function URL, so the token is in another header. */
export async function tokenHeader({ tls, environment }) {
  const { issuer, close } = await startIssuer({ tls });
  await withService('token-header', auth({ issuer, token_use: 'access', token_header: HEADER, accept_raw_authorization: true }) + upload(), async (service) => {
    const { access_token: token } = await signIn(issuer, 'alice');
    const signed = { authorization: 'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/lambda/aws4_request' };
    for (const value of [`Bearer ${token}`, token]) {
      await service.grants(token, 'alice/{id}.jpg', `a token in ${HEADER}`, { headers: { [HEADER]: value, ...signed } });
    }
    const { status } = await service.ask(token);
    if (status !== 401) throw new Error(`a token in another header than the configured one: ${status}`);
  }, environment);
  close();
}

/** Tokens of users with many groups: longer than the default of 8 KiB, and longer than other servers accept headers. */
export async function longTokens({ tls, environment }) {
  const groups = Array.from({ length: 1000 }, (_, index) => `department-${index}-of-the-company`);
  // The names of users are those of provider.mjs, which knows no others.
  const count = { alice: groups.length, bob: 250 };
  const { issuer, close } = await startIssuer({ tls, settings: { extraTokenClaims: (_, { accountId }) => ({ groups: groups.slice(0, count[accountId]) }) } });
  const [many, fewer] = [await signIn(issuer, 'alice'), await signIn(issuer, 'bob')].map((answer) => answer.access_token);
  const config = auth({ issuer, token_use: 'access' });
  const uploads = upload('{sub}/{id}.{ext}', 'groups = ["department-249-of-the-company"]');
  await withService('token-size', config + uploads, async (service) => {
    await service.refuses(fewer, { reason: 'token-too-long: ' }, `a token of ${fewer.length} bytes, for the default of 8 KiB`);
  }, environment);
  await withService('token-size-64', auth({ issuer, token_use: 'access', max_token_size: '64 KiB' }) + uploads, async (service) => {
    for (const [user, token] of [['bob', fewer], ['alice', many]]) await service.grants(token, `${user}/{id}.jpg`, `a token of ${token.length} bytes`);
  }, environment);
  close();
}
