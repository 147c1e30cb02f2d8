// usage: run.mjs POOLS CERTIFICATES, with UPSIGN, SCRATCH, S3_ENDPOINT, NODE_PATH and credentials in the environment.
// ISSUER_CASES=name,name selects cases.
// Signs callers in at issuers of every kind, and asks `upsign serve` for upload URLs with their tokens.
import fs from 'node:fs';
import path from 'node:path';
import { cognito } from './cases/cognito.mjs';
import { embedded } from './cases/embedded.mjs';
import { longTokens, tokenHeader } from './cases/headers.mjs';
import { keycloak } from './cases/keycloak.mjs';
import { offline, otherName, privateNetwork, proxy, silent } from './cases/networks.mjs';
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
  // These wait for most of their time, so they begin first.
  rotation,
  expires,
  several,
  proxy,
  refuses,
  RS256: (context) => accepts('RS256', context),
  ES256: (context) => accepts('ES256', context),
  EdDSA: (context) => accepts('EdDSA', context),
  keycloak,
  ministack: ({ pools }) => cognito('ministack', pools.ministack),
  'cognito-local': ({ pools }) => cognito('cognito-local', pools['cognito-local'], 'localhost'),
  'private network': privateNetwork,
  offline,
  'other name': otherName,
  silent,
  embedded,
  'token header': tokenHeader,
  'long tokens': longTokens,
};

const only = process.env.ISSUER_CASES?.split(',');
const waiting = Object.entries(cases).filter(([name]) => !only || only.includes(name));
const [selected, failed] = [waiting.length, []];

/** Runs cases one after the other, until none is left. */
async function lane() {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const [name, run] = next;
    await run(context).catch((error) => failed.push([name, error]));
  }
}
await Promise.all(Array.from({ length: 4 }, lane));
for (const [name, error] of failed) console.error(`FAILED ${name}:`, error);
console.log(`${selected - failed.length} cases passed, ${failed.length} failed`);
process.exit(failed.length || !selected ? 1 : 0);
