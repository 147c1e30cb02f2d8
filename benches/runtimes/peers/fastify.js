// The same endpoint in Node: Fastify, aws-jwt-verify, @aws-sdk/s3-request-presigner. Prints its address.
const { JwtRsaVerifier } = require('aws-jwt-verify');
const { PutObjectCommand, S3Client } = require('@aws-sdk/client-s3');
const { getSignedUrl } = require('@aws-sdk/s3-request-presigner');
const { randomUUID } = require('node:crypto');
const { issuer, client, jwks } = JSON.parse(require('node:fs').readFileSync('pool.json', 'utf8'));

const verifier = JwtRsaVerifier.create({
  issuer, audience: null, jwksUri: 'https://unused.invalid/jwks.json',
  customJwtCheck: ({ payload }) => { if (payload.client_id !== client || payload.token_use !== 'access') throw new Error('wrong client or token use'); },
});
verifier.cacheJwks(JSON.parse(jwks));
const s3 = new S3Client({ region: 'ap-southeast-1' });
const app = require('fastify')();
app.post('/upload-url', async (request, reply) => {
  try {
    await verifier.verify((request.headers.authorization ?? '').replace(/^Bearer /, ''));
  } catch {
    return reply.code(401).send({ code: 'unauthorized' });
  }
  const articleId = randomUUID();
  const key = `articles/${articleId}/raw/${randomUUID()}.jpg`;
  const command = new PutObjectCommand({ Bucket: 'article-images-bucket', Key: key, ContentType: 'image/jpeg' });
  const uploadUrl = await getSignedUrl(s3, command, { expiresIn: 900, signableHeaders: new Set(['content-type']) });
  return { uploadUrl, key, articleId, expiresIn: 900 };
});
app.listen({ port: 0, host: '127.0.0.1' }).then((listening) => console.log(JSON.stringify({ listening })));
