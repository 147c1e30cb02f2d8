// Prints crates/upsign-policy/assets/mime_types.txt: the file extensions of every type in the npm package mime-db.
// `package.json` in this folder pins its version, and `cargo xtask test --only mime-types` compares the file with it.
// Usage: node crates/xtask/tools/mime-types.mjs NODE_MODULES > crates/upsign-policy/assets/mime_types.txt
import { readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(process.argv[2], "mime-db");
const types = JSON.parse(readFileSync(join(folder, "db.json"), "utf8"));
// The extensions that a key can end with.
const isExtension = (text) => /^[a-z0-9]{1,16}$/.test(text);
const lines = Object.entries(types)
  .map(([name, { extensions = [] }]) => [name, ...extensions.filter(isExtension)].join(" "))
  .filter((line) => line.includes(" "))
  .sort();
process.stdout.write(lines.join("\n") + "\n");
