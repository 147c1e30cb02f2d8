// usage: run.mjs POOLS CERTIFICATES, with UPSIGN, SCRATCH, S3_ENDPOINT, NODE_PATH and credentials in the environment
// Signs callers in at issuers of every kind, and asks `upsign serve` for upload URLs with their tokens.
import fs from 'node:fs';
import path from 'node:path';
import { cognito } from './cases/cognito.mjs';
import { longTokens, tokenHeader } from './cases/headers.mjs';
import { keycloak } from './cases/keycloak.mjs';
import { offline, privateNetwork, proxy, silent } from './cases/networks.mjs';
import { accepts, expires, refuses } from './cases/oidc.mjs';
import { rotation } from './cases/rotation.mjs';
import { several } from './cases/several.mjs';

const [pools, certificates] = [JSON.parse(process.argv[2]), process.argv[3]];
const read = (name) => fs.readFileSync(path.join(certificates, name));
const context = {
  pools,
  tls: { cert: read('server.pem'), key: read('server.key') },
  // A service trusts the authority of the issuers as it trusts every other: rustls-native-certs reads this variable.
  environment: { SSL_CERT_FILE: path.join(certificates, 'ca.pem') },
};

const cases = {
  // It waits for most of its time, so it begins first.
  rotation,
  expires,
  RS256: (context) => accepts('RS256', context),
  ES256: (context) => accepts('ES256', context),
  EdDSA: (context) => accepts('EdDSA', context),
  refuses,
  keycloak,
  ministack: ({ pools }) => cognito('ministack', pools.ministack),
  'cognito-local': ({ pools }) => cognito('cognito-local', pools['cognito-local'], 'localhost'),
  several,
  proxy,
  'private network': privateNetwork,
  offline,
  silent,
  'token header': tokenHeader,
  'long tokens': longTokens,
};
const only = process.env.ONLY?.split(',');
const selected = Object.entries(cases).filter(([name]) => !only || only.includes(name));
const results = await Promise.allSettled(selected.map(([, run]) => run(context)));
const failed = results.map((result, index) => [selected[index][0], result]).filter(([, { status }]) => status === 'rejected');
for (const [name, { reason }] of failed) console.error(`FAILED ${name}:`, reason);
console.log(`${results.length - failed.length} cases passed, ${failed.length} failed`);
process.exit(failed.length || !results.length ? 1 : 0);
