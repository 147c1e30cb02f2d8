// Where the token is, and how long it may be.
import { startIssuer } from '../provider.mjs';
import { upload, withService } from '../service.mjs';
import { signIn } from '../sign_in.mjs';
import { auth } from '../tokens.mjs';

const HEADER = 'x-upload-token';

/** CloudFront signs its requests to a function URL, so the token is in another header. */
export async function tokenHeader({ tls, environment }) {
  const { issuer, close } = await startIssuer({ tls });
  await withService('token-header', auth({ issuer, token_use: 'access', token_header: HEADER }) + upload(), async (service) => {
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

/** The token of a user with many groups, which is longer than 8 KiB. */
export async function longTokens({ tls, environment }) {
  const groups = Array.from({ length: 400 }, (_, index) => `department-${index}-of-the-company`);
  const { issuer, close } = await startIssuer({ tls, settings: { extraTokenClaims: () => ({ groups }) } });
  const { access_token: token } = await signIn(issuer, 'alice');
  for (const [max, name] of [[undefined, 'default-size'], ['32 KiB', 'greater-size']]) {
    const config = auth({ issuer, token_use: 'access', ...(max && { max_token_size: max }) });
    await withService(name, config + upload('{sub}/{id}.{ext}', `groups = ["${groups[399]}"]`), async (service) => {
      if (max) await service.grants(token, 'alice/{id}.jpg', `a token of ${token.length} bytes`);
      else await service.refuses(token, { reason: 'max_token_size' }, `a token of ${token.length} bytes`);
    }, environment);
  }
  close();
}
