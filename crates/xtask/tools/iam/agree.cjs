// usage: agree.cjs MATRIX…: evaluates each row with @cloud-copilot/iam-simulate, and exits with 1 if a verdict differs.
const { readFileSync } = require('node:fs');
const { runSimulation } = require('@cloud-copilot/iam-simulate');

const ACCOUNT = '123456789012';
// The default policy of a KMS key, which leaves the decision to the policies of the account.
const KEY_POLICY = {
  Version: '2012-10-17',
  Statement: [{ Sid: 'Account', Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' }],
};
// The simulator does not support anonymous callers.
const isUnsupported = (row) => row.principal.anonymous === true;

async function verdict(row) {
  const { role, service } = row.principal;
  const contextVariables = Object.fromEntries(Object.entries(row.context).map(([key, values]) => [key, values.length === 1 ? values[0] : values]));
  // The simulator derives the keys of the principal from the principal.
  for (const key of ['aws:principalaccount', 'aws:principalarn', 'aws:principalisawsservice']) {
    if (service !== undefined) delete contextVariables[key];
  }
  const simulation = {
    request: {
      action: row.action,
      principal: role ?? service,
      resource: { resource: row.resource, accountId: ACCOUNT },
      contextVariables,
    },
    identityPolicies: role === undefined ? [] : [{ name: 'own', policy: row.identity_policy }],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy: row.action.toLowerCase().startsWith('kms:') ? KEY_POLICY : row.resource_policy ?? undefined,
  };
  const { resultType, result, overallResult, errors } = await runSimulation(simulation, {});
  return { simulated: overallResult ?? result?.evaluationResult, resultType, errors };
}

(async () => {
  const files = process.argv.slice(2);
  const rows = files.flatMap((file) => JSON.parse(readFileSync(file, 'utf8')));
  const supported = rows.filter((row) => !isUnsupported(row));
  let wrong = 0;
  for (const row of supported) {
    const { simulated, resultType, errors } = await verdict(row);
    if (simulated !== row.verdict) {
      wrong += 1;
      console.error(`${row.name}: expected ${row.verdict}, iam-simulate: ${simulated ?? resultType} ${errors ? JSON.stringify(errors) : ''}`);
    }
  }
  console.log(`iam-simulate agrees on ${supported.length - wrong} of ${supported.length} rows; ${rows.length - supported.length} skipped (anonymous caller)`);
  process.exit(wrong === 0 && supported.length >= 60 * files.length ? 0 : 1);
})();
