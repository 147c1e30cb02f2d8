// usage: extract.cjs JSII SCHEMA: writes the schema of Terraform's AWS provider, from the description of @cdktf/provider-aws.
//
// The description (`.jsii`) is generated from the schema that the provider itself reports, and names every argument with its type.
// It has 130 MB, of which this keeps 5: {version, resource: {TYPE: BLOCK}, data: {TYPE: BLOCK}, blocks: {BLOCK: {ARGUMENT:
// {type, required, block?, since?}}}, exported: {BLOCK: {ATTRIBUTE: TYPE}}}. A type is "string", "number", "boolean", ["list", TYPE],
// ["map", TYPE], {block: BLOCK}, or null if it is not known.
const fs = require('node:fs');

// Arguments of later versions of the provider than the one that the package describes: the last package was published in December
// 2025. @pulumi/aws 7.48 has them. Sources: https://github.com/hashicorp/terraform-provider-aws/pull/46917 and
// https://github.com/hashicorp/terraform-provider-aws/issues/44858 with the changelog of version 6.28.
const LATER = [
  { resource: 'aws_s3_bucket', argument: 'bucket_namespace', type: 'string', since: '6.37' },
  { resource: 'aws_lambda_permission', argument: 'invoked_via_function_url', type: 'boolean', since: '6.28' },
];

const [source, target] = process.argv.slice(2);
const description = JSON.parse(fs.readFileSync(source, 'utf8'));
const schema = { version: '', resource: {}, data: {}, blocks: {}, exported: {} };
const REGISTRY = /\/hashicorp\/aws\/([0-9.]+)\/docs\/(resources|data-sources)\/\w+ (aws_\w+)\}/;

function typeOf(type) {
  if (type.primitive) return type.primitive;
  // A boolean or a list may also be a value that is only known later, which this ignores.
  if (type.union) return typeOf(type.union.types.find((choice) => choice.fqn !== 'cdktf.IResolvable'));
  if (type.collection) return [type.collection.kind === 'map' ? 'map' : 'list', typeOf(type.collection.elementtype)];
  addBlock(type.fqn);
  return { block: type.fqn };
}

function addBlock(fqn) {
  if (schema.blocks[fqn]) return;
  const block = (schema.blocks[fqn] = {});
  for (const property of description.types[fqn].properties ?? []) {
    const text = `${property.docs?.summary ?? ''} ${property.docs?.remarks ?? ''}`;
    // The link in the documentation of an argument ends with its name in Terraform.
    const name = /\/docs\/[a-z-]+\/\w+#(\w+) /.exec(text)?.[1];
    if (!name) throw new Error(`no name of ${fqn}.${property.name}`);
    block[name] = { type: typeOf(property.type), required: !property.optional };
    if (/^\w+ block\./.test(text)) block[name].block = true;
  }
}

for (const type of Object.values(description.types)) {
  const [, version, kind, name] = REGISTRY.exec(type.docs?.summary ?? '') ?? [];
  if (!name || type.kind !== 'class') continue;
  const config = type.initializer.parameters.find((parameter) => parameter.name === 'config').type.fqn;
  schema.version = version;
  schema[kind === 'resources' ? 'resource' : 'data'][name] = config;
  addBlock(config);
  schema.exported[config] = Object.fromEntries(
    type.properties
      .filter((property) => !property.static && !property.name.endsWith('Input'))
      .map(({ name, type: { primitive, collection } }) => {
        const element = collection?.elementtype.primitive;
        const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
        return [snake, primitive ?? (element ? [collection.kind === 'map' ? 'map' : 'list', element] : null)];
      }),
  );
}
for (const { resource, argument, type, since } of LATER) {
  const block = schema.blocks[schema.resource[resource]];
  if (block[argument]) throw new Error(`${argument} of ${resource} is described now: remove it from LATER`);
  block[argument] = { type, required: false, since };
}
if (!schema.version) throw new Error(`${source} describes no resource`);
fs.writeFileSync(target, JSON.stringify(schema));
