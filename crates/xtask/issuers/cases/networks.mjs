// The way to the keys: through a proxy, over http in a private network, from the configuration, and issuers that do not answer.
import dns from 'node:dns/promises';
import net from 'node:net';
import os from 'node:os';
import { startProxy } from '../proxy.mjs';
import { startIssuer } from '../provider.mjs';
import { upload, withService } from '../service.mjs';
import { clientCredentials, discover, signIn } from '../sign_in.mjs';
import { auth } from '../tokens.mjs';

/** A name that exists behind the proxy only: `.test` is never resolved (RFC 6761). */
const NAME = 'id.example.test';

export async function proxy({ tls, environment }) {
  const issuer = await startIssuer({ tls, url: `https://${NAME}` });
  const relay = await startProxy(issuer.port);
  const config = auth({ issuer: issuer.issuer, token_use: 'access' }) + upload();
  const token = await clientCredentials(issuer.address);
  const with_ = (more) => ({ ...environment, HTTPS_PROXY: relay.address, ...more });

  await withService('proxy', config, async (service) => {
    await service.grants(token, 'machine/{id}.jpg', 'a token whose keys come through HTTPS_PROXY');
    const asked = [...new Set(relay.connected)].join();
    await service.verifies(token, 'accept', 'with the same proxy');
    // The discovery document and the keys, once for each program, and not the S3 server, which is on this machine.
    if (asked !== `${NAME}:443` || relay.connected.length !== 4) throw new Error(`the proxy was asked for ${relay.connected}`);
  }, with_({}));

  relay.connected.length = 0;
  for (const [name, exception] of [['no-proxy', NAME], ['no-proxy-domain', '.example.test']]) {
    await withService(name, config, async (service) => {
      const { status, body } = await service.ask(token);
      if (status !== 503) throw new Error(`a host of NO_PROXY whose name is not resolved: ${status} ${JSON.stringify(body)}`);
      if (relay.connected.length) throw new Error(`NO_PROXY=${exception}: the proxy was asked for ${relay.connected}`);
      console.log(`   ${name}: NO_PROXY=${exception}: not through the proxy, so 503`);
    }, with_({ NO_PROXY: exception }));
  }

  const local = await startIssuer({ tls });
  await withService('proxy-loopback', auth({ issuer: local.issuer, token_use: 'access' }) + upload(), async (service) => {
    await service.grants((await signIn(local.issuer, 'alice')).access_token, 'alice/{id}.jpg', 'an issuer on this machine, in spite of HTTPS_PROXY');
    if (relay.connected.length) throw new Error(`the proxy was asked for ${relay.connected}`);
  }, with_({}));
  for (const one of [issuer, local, relay]) one.close();
}

/** An issuer at the name of this machine, as in a compose network: neither TLS nor a name that is known to be this machine. */
export async function privateNetwork() {
  const { name, address } = await ownName();
  const { issuer, close } = await startIssuer({ name, listen: address });
  await withService('private-network', auth({ issuer, token_use: 'access', danger_http_keys: true }) + upload(), async (service) => {
    await service.grants((await signIn(issuer, 'alice')).access_token, 'alice/{id}.jpg', `an issuer at ${issuer}`);
  });
  close();
}

/** Returns the name of this machine if it is resolved to a loopback address, as on Debian; or else localhost. */
async function ownName() {
  const found = await dns.lookup(os.hostname(), { family: 4 }).catch(() => undefined);
  return found?.address.startsWith('127.')
    ? { name: os.hostname(), address: found.address }
    : { name: 'localhost', address: '127.0.0.1' };
}

/** The key set itself in the configuration: nothing is fetched. */
export async function offline({ tls, environment }) {
  const { issuer, seen, close } = await startIssuer({ tls, alg: 'EdDSA' });
  const jwks = await (await fetch((await discover(issuer)).jwks_uri)).text();
  const token = (await signIn(issuer, 'alice')).access_token;
  const before = seen.length;
  await withService('offline', auth({ issuer, token_use: 'access', algorithms: ['EdDSA'], jwks }) + upload(), async (service) => {
    await service.grants(token, 'alice/{id}.jpg', 'keys in the configuration');
    if (seen.length !== before) throw new Error(`the issuer was asked for ${seen.slice(before)}`);
  }, environment);
  close();
}

/** An issuer that accepts connections and sends no answer, with a time limit of one second. */
export async function silent() {
  const server = net.createServer(() => {});
  await new Promise((listening) => { server.listen(0, '127.0.0.1', listening); });
  const known = await startIssuer();
  const token = (await signIn(known.issuer, 'alice')).access_token;
  const keys = { issuer: known.issuer, jwks_uri: `http://127.0.0.1:${server.address().port}/jwks`, danger_http_keys: true, token_use: 'access', fetch_timeout: '1s' };
  await withService('silent', auth(keys) + upload(), async (service) => {
    const start = Date.now();
    const { status, body } = await service.ask(token);
    const elapsed = Date.now() - start;
    if (status !== 503 || elapsed > 2500) throw new Error(`${status} ${JSON.stringify(body)} after ${elapsed} ms`);
    await service.logged('jwks refresh failed');
    console.log(`   silent: 503 after ${elapsed} ms, for a time limit of one second`);
  });
  known.close();
  server.close();
}

/** A slash at the end of the issuer, which the discovery document does not have: OpenID Connect compares both exactly. */
export async function otherName({ tls, environment }) {
  const { issuer, close } = await startIssuer({ tls });
  await withService('discovery', auth({ issuer: `${issuer}/`, token_use: 'access' }) + upload(), async (service) => {
    const { status } = await service.ask((await signIn(issuer, 'alice')).access_token);
    if (status !== 503) throw new Error(`the discovery document of another issuer: ${status}`);
    await service.logged(`the document is of the issuer \`${issuer}\`, expected exactly ${issuer}/`);
    console.log('   discovery: a document of another issuer: 503, with both names in the log');
  }, environment);
  close();
}
