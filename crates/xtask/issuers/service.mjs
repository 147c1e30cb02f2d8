// Runs `upsign serve` and `upsign dev` with a configuration, and asks for upload URLs.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';

/** The bucket of every service, at the S3 server S3_ENDPOINT. */
export const BUCKET = 'article-images-bucket';

const FILE = Buffer.from('a small file that is uploaded with the URL of each service');

/** Runs `use` with a service. `config` is its `upsign.toml` without `[bucket]` and `[cors]`. */
export const withService = (name, config, use, variables = {}) =>
  withProgram(name, ['serve', '--listen', '127.0.0.1:0', '--log-format', 'json'], config, variables, ({ listening }, log, place) => use(new Service(name, listening, log, place)));

/** Runs `use` with what `upsign dev` says about itself. */
export const withDev = (name, config, use) => withProgram(name, ['dev', '--config', 'upsign.toml', '--listen', '127.0.0.1:0'], config, {}, use);

/** Runs `use` with the first line of a program's output, its log, and where it runs. Then the program is ended. */
async function withProgram(name, command, config, variables, use) {
  const folder = path.join(process.env.SCRATCH, name);
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'upsign.toml'), complete(config));
  const place = { cwd: folder, env: { ...process.env, ...variables } };
  const child = spawn(process.env.UPSIGN, [...command, '--json'], { ...place, stdio: ['ignore', 'pipe', 'pipe'] });
  const log = [];
  readline.createInterface({ input: child.stderr }).on('line', (line) => log.push(line));
  const ended = new Promise((end) => { child.on('exit', end); });
  try {
    const lines = readline.createInterface({ input: child.stdout });
    const ready = new Promise((line) => { lines.once('line', line); });
    const first = await Promise.race([ready, ended.then(() => { throw new Error(`${name}: upsign ${command[0]} ended: ${log.join('\n')}`); })]);
    const described = JSON.parse(first);
    if (described.error) throw new Error(`${name}: upsign ${command[0]} printed ${first}`);
    await use(described, log, place);
  } finally {
    child.kill();
    await ended;
  }
}

function complete(config) {
  return `[bucket]
name = "${BUCKET}"
region = "us-east-1"
endpoint = "${process.env.S3_ENDPOINT}"

[cors]
origins = ["https://app.example.com"]

${config}`;
}

/** Returns the section of a route without a name. */
export const upload = (key = '{sub}/{id}.{ext}', more = '') => `[upload]
key = "${key}"
types = ["image/jpeg"]
max_size = "1 MiB"
bodyless = "refuse"
${more}
`;

class Service {
  constructor(name, address, log, place) {
    Object.assign(this, { name, address, log, place });
  }

  /** Asks for an upload URL. `request` replaces parts of the request. */
  async ask(token, { headers, ...body } = {}) {
    const response = await fetch(`${this.address}/upload-url`, {
      method: 'POST',
      headers: { ...(headers ?? { authorization: `Bearer ${token}` }), 'content-type': 'application/json' },
      body: JSON.stringify({ contentType: 'image/jpeg', contentLength: FILE.length, ...body }),
    });
    return { status: response.status, challenge: response.headers.get('www-authenticate') ?? '', body: await response.json() };
  }

  /** Expects a URL with a key of this form, uploads a file with it, and returns the key. */
  async grants(token, key, what, request) {
    const { status, body } = await this.ask(token, request);
    if (status !== 200) throw new Error(`${this.name}, ${what}: ${status} ${JSON.stringify(body)}\n${this.log.join('\n')}`);
    const form = new RegExp(`^${key.replaceAll('{id}', '[0-9a-f-]{36}')}$`);
    if (!form.test(body.key)) throw new Error(`${this.name}, ${what}: the key is ${body.key}, expected ${form}`);
    const stored = await fetch(body.uploadUrl, { method: body.method, headers: body.headers, body: FILE });
    if (!stored.ok) throw new Error(`${this.name}, ${what}: the S3 server answered ${stored.status} ${await stored.text()}`);
    const again = await fetch(body.uploadUrl, { method: body.method, headers: body.headers, body: FILE });
    if (again.status !== 412) throw new Error(`${this.name}, ${what}: the second upload with the same URL got ${again.status}`);
    console.log(`   ${this.name}: ${what}: uploaded as ${body.key}`);
    return body.key;
  }

  /** Expects 401 or 403, and a line of the log with this reason. */
  async refuses(token, { status = 401, error = status === 401 ? 'invalid_token' : 'insufficient_scope', reason, ...request }, what) {
    const before = this.log.length;
    const answer = await this.ask(token, request);
    const described = `${this.name}, ${what}: ${answer.status} ${answer.challenge} ${JSON.stringify(answer.body)}`;
    if (answer.status !== status) throw new Error(`${described}, expected ${status}\n${this.log.slice(before).join('\n')}`);
    if (!answer.challenge.startsWith('Bearer') || !answer.challenge.includes(`error="${error}"`)) throw new Error(`${described}, expected error="${error}"`);
    const line = await this.logged(reason, before);
    if (line.includes(token)) throw new Error(`${described}: the log contains the token: ${line}`);
    console.log(`   ${this.name}: ${what}: ${status} ${error}`);
  }

  /** Expects the same verdict of `upsign verify`: `accept`, or the code of a rejection. It runs with the service's configuration. */
  async verifies(token, expected, what) {
    const verify = spawn(process.env.UPSIGN, ['verify', '-', '--json'], { ...this.place, stdio: ['pipe', 'pipe', 'pipe'] });
    verify.stdin.end(token);
    const [output, errors] = await Promise.all([verify.stdout, verify.stderr].map(async (stream) => Buffer.concat(await stream.toArray()).toString()));
    const verdict = JSON.parse(output || '{}');
    const found = verdict.result === 'accept' ? 'accept' : verdict.code;
    if (found !== expected) throw new Error(`${this.name}, upsign verify, ${what}: ${output} ${errors}, expected ${expected}`);
    console.log(`   ${this.name}: upsign verify, ${what}: ${found}`);
  }

  /** Waits for a line of the log that contains `text`, from the line `from` on. */
  async logged(text, from = 0) {
    for (let i = 0; i < 100; i += 1) {
      const line = this.log.slice(from).find((one) => one.includes(text));
      if (line) return line;
      await new Promise((later) => { setTimeout(later, 20); });
    }
    throw new Error(`${this.name}: no line of the log contains ${text}; got\n${this.log.slice(from).join('\n')}`);
  }
}
