// usage: agree.cjs MATRIX: puts each row to @cloud-copilot/iam-simulate, and ends with 1 when it says otherwise than the row.
const { readFileSync } = require('node:fs');
const { runSimulation } = require('@cloud-copilot/iam-simulate');

const ACCOUNT = '123456789012';
// Every key's own policy: it leaves the choice to the account's policies, as the one that KMS makes by itself.
const KEY_POLICY = {
  Version: '2012-10-17',
  Statement: [{ Sid: 'Account', Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' }],
};
// What it cannot be asked: it knows no caller without a name.
const NOT_ASKED = (row) => row.principal.anonymous === true;

async function verdict(row) {
  const { role, service } = row.principal;
  const contextVariables = Object.fromEntries(Object.entries(row.context).map(([key, values]) => [key, values.length === 1 ? values[0] : values]));
  // The principal's own keys follow from the principal.
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
  return { said: overallResult ?? result?.evaluationResult, resultType, errors };
}

(async () => {
  const rows = JSON.parse(readFileSync(process.argv[2], 'utf8'));
  const asked = rows.filter((row) => !NOT_ASKED(row));
  let wrong = 0;
  for (const row of asked) {
    const { said, resultType, errors } = await verdict(row);
    if (said !== row.verdict) {
      wrong += 1;
      console.error(`${row.name}: ${row.verdict} here, ${said ?? resultType} there ${errors ? JSON.stringify(errors) : ''}`);
    }
  }
  console.log(`iam-simulate agrees on ${asked.length - wrong} of ${asked.length} rows; ${rows.length - asked.length} not asked (no caller)`);
  process.exit(wrong === 0 && asked.length >= 60 ? 0 : 1);
})();
