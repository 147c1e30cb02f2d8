// The issuer of `upsign dev`, seen by another library: jose finds its keys by discovery and verifies its tokens.
import { withDev, upload } from '../service.mjs';
import { discover } from '../sign_in.mjs';
import { load } from '../packages.mjs';
import { auth } from '../tokens.mjs';

const { createRemoteJWKSet, jwtVerify } = await load('jose/dist/webapi/index.js');

export async function embedded() {
  for (const alg of ['RS256', 'ES256']) {
    // The issuer of the file is replaced by the embedded one, which then has these requirements and this algorithm.
    const config = auth({ issuer: 'https://id.example.com', audiences: ['upload-api'], algorithms: [alg], token_use: 'access' });
    await withDev(`embedded-${alg}`, config + upload(), async ({ issuers: [{ issuer }], token }) => {
      const document = await discover(issuer);
      if (document.issuer !== issuer) throw new Error(`the discovery document of ${issuer} is of ${document.issuer}`);
      if (!document.id_token_signing_alg_values_supported.includes(alg)) throw new Error(`${issuer} does not sign with ${alg}: ${JSON.stringify(document)}`);
      const keys = createRemoteJWKSet(new URL(document.jwks_uri));
      const bearer = (await (await fetch(`${token}?user=alice`)).text()).trim();
      const { payload } = await jwtVerify(bearer, keys, { issuer, audience: 'upload-api', algorithms: [alg], requiredClaims: ['sub', 'exp', 'iat'] });
      const other = await jwtVerify(bearer, keys, { issuer, audience: 'another-api' }).catch((error) => error.code);
      if (other !== 'ERR_JWT_CLAIM_VALIDATION_FAILED') throw new Error(`a token for another audience: ${JSON.stringify(other)}`);
      console.log(`   embedded-${alg}: jose verifies a token of ${payload.sub}, with keys found by discovery`);
    });
  }
}
