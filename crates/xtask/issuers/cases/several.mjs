// Several issuers at once, with the same users: `[[auth]]`, and layouts that name the issuer.
import { startIssuer } from '../provider.mjs';
import { upload, withService } from '../service.mjs';
import { signIn } from '../sign_in.mjs';
import { PATIENT, auth, section } from '../tokens.mjs';
import { ofPool } from './cognito.mjs';

export async function several({ tls, environment, pools }) {
  const staff = await startIssuer({ tls, alg: 'ES256' });
  const partner = await startIssuer({ tls, path: '/realms/partner' });
  const unknown = await startIssuer({ tls });
  // The staff needs a scope, a partner a group, and a customer the group of the pool.
  const config = auth({ ...PATIENT, name: 'staff', issuer: staff.issuer, algorithms: ['ES256'], token_use: 'access', scopes: ['uploads:write'] }, true)
    + auth({ name: 'partner', issuer: partner.issuer, audiences: ['https://partners.example.com'], token_use: 'access', groups: ['editors'] }, true)
    + section({ name: 'customer', ...ofPool(pools.ministack), groups: ['writers'] }, true)
    + section({ name: 'trial', ...ofPool(pools['cognito-local']) }, true);
  await withService('several', config + upload('{issuer}/{sub}/{id}.{ext}'), async (service) => {
    const partners = { resource: 'https://partners.example.com' };
    const [ours, theirs] = [await signIn(staff.issuer, 'alice'), await signIn(partner.issuer, 'alice', partners)];
    await service.grants(ours.access_token, 'staff/alice/{id}.jpg', 'alice of the staff');
    await service.grants(theirs.access_token, 'partner/alice/{id}.jpg', 'alice of a partner, whose sub is the same');
    await service.grants(pools.ministack.pool.access_token, 'customer/[0-9a-zA-Z-]+/{id}.jpg', 'a user of a pool');
    await service.grants(pools['cognito-local'].pool.access_token, 'trial/[0-9a-zA-Z-]+/{id}.jpg', 'a user of another pool');

    const swapped = [await signIn(staff.issuer, 'alice', partners), await signIn(partner.issuer, 'alice')];
    await service.refuses(swapped[0].access_token, { reason: 'audience: ' }, 'a token of the staff for the API of partners');
    await service.refuses(swapped[1].access_token, { reason: 'audience: ' }, 'a token of a partner for the API of the staff');
    const weak = [await signIn(staff.issuer, 'alice', { scope: 'openid' }), await signIn(partner.issuer, 'bob', partners)];
    await service.refuses(weak[0].access_token, { status: 403, reason: 'uploads:write' }, 'one of the staff in the group, but without the scope');
    await service.refuses(weak[1].access_token, { status: 403, reason: 'editors' }, 'one of a partner with the scope, but not in the group');
    await service.refuses(pools.ministack.pool.id_token, { reason: 'token-use: ' }, 'an id token of a pool');
    await service.refuses((await signIn(unknown.issuer, 'alice')).access_token, { reason: unknown.issuer }, 'a token of an issuer that is not listed');
    await service.verifies(theirs.access_token, 'accept', 'a token of a partner');
    await service.verifies(weak[0].access_token, 'scopes', 'one of the staff without the scope');
    // With the signature of one issuer and the claims of another.
    const [header, , signature] = ours.access_token.split('.');
    await service.refuses(`${header}.${theirs.access_token.split('.')[1]}.${signature}`, { reason: 'algorithm: ' }, 'claims of one issuer with the signature of another');
  }, environment);
  for (const one of [staff, partner, unknown]) one.close();
}
