// usage: recordings.mjs PAGE
// Records video and sound with every format that this browser supports, and uploads each recording with the type of its Blob
// through `upsign dev`, by PUT and by form. Then uploads files whose type the browser does not know, by the page and by its calls.
import { check, withPage } from './chromium.mjs';

const [base] = process.argv.slice(2);

/** The formats that pages ask for. `audio/…` is recorded without the picture. */
const FORMATS = ['video/webm;codecs=vp8,opus', 'video/webm; codecs="vp9, opus"', 'video/webm;codecs=h264', 'video/webm', 'video/mp4;codecs=avc1,mp4a.40.2', 'video/x-matroska;codecs=avc1', 'audio/webm;codecs=opus', 'audio/webm', 'audio/mp4'];

/** Runs in the page: records half a second of a canvas and of a tone. Returns the recording and its type. */
async function record(format) {
  const canvas = document.body.appendChild(Object.assign(document.createElement('canvas'), { width: 160, height: 120 }));
  const painter = canvas.getContext('2d');
  let frame = 0;
  const paint = setInterval(() => {
    painter.fillStyle = `hsl(${frame} 80% 50%)`;
    painter.fillRect(0, 0, 160, 120);
    frame += 7;
  }, 30);
  const sound = new AudioContext();
  const [tone, ear] = [sound.createOscillator(), sound.createMediaStreamDestination()];
  tone.connect(ear);
  tone.start();
  const picture = format.startsWith('video/') ? canvas.captureStream(30).getTracks() : [];
  const recorder = new MediaRecorder(new MediaStream([...picture, ...ear.stream.getTracks()]), { mimeType: format });
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const stopped = new Promise((resolve, reject) => Object.assign(recorder, { onstop: resolve, onerror: (event) => reject(event.error) }));
  recorder.start();
  await new Promise((resolve) => setTimeout(resolve, 500));
  recorder.stop();
  await stopped;
  clearInterval(paint);
  canvas.remove();
  await sound.close();
  return new Blob(parts, { type: recorder.mimeType });
}

/** Runs in the page: uploads a file to a route with the calls of the page, and reads the object back. */
async function upload(file, name) {
  const [calls, raw, { compare }] = await Promise.all([import('/calls.js'), import('/raw.js'), import('/compare.js')]);
  const config = await calls.loadConfig();
  const route = config.routes.find((known) => known.name === name);
  const choice = { ...calls.firstChoice(config), route };
  const { token } = await calls.signIn(config, choice);
  try {
    const { grant } = await raw.requestUploadUrl(config, choice, token, file);
    const { status } = await raw.sendToS3(grant, file);
    const back = await compare({ config, choice, token, key: grant.key, file, grant });
    const signed = Object.entries(grant.headers ?? grant.fields).find(([header]) => header.toLowerCase() === 'content-type')[1];
    return { status, key: grant.key, signed, stored: back.type, same: back.sha256 === back.sent.sha256 };
  } catch (error) {
    return { refused: `${error.status} ${error.code}: ${error.message}` };
  }
}

const inPage = (page, source, ...values) => page.evaluate(`(async () => { ${record}; ${upload}; ${source} })(${values.map((value) => JSON.stringify(value)).join()})`);

await withPage(async (page) => {
  await page.goto(base);
  await page.waitForFunction(() => document.body.dataset.state === 'ready', null, { timeout: 20_000 });
  const supported = await page.evaluate((all) => all.filter((format) => MediaRecorder.isTypeSupported(format)), FORMATS);
  check(supported.includes('video/webm;codecs=vp8,opus') && supported.length >= 4, `the browser records ${supported.join(' | ')}`);
  for (const format of supported) {
    for (const route of ['recordings', 'forms']) {
      const { type, size, result } = await inPage(page, `
        const recording = await record(${JSON.stringify(format)});
        const result = await upload(new File([recording], 'recording', { type: recording.type }), ${JSON.stringify(route)});
        return { type: recording.type, size: recording.size, result };`);
      const description = `${route}: a recording of ${size} bytes with the type ${type}: ${JSON.stringify(result)}`;
      check(size > 200 && [200, 204].includes(result.status) && result.same && result.stored === result.signed, description);
      check(result.signed.split(';')[0] === type.split(';')[0].replace('video/x-matroska', route === 'forms' ? 'video/matroska' : 'video/x-matroska'), `it is stored as ${result.stored}`);
    }
  }

  for (const [name, type, stored, ending] of [
    ['plan.dwg', '', 'application/octet-stream', '.dwg'],
    ['Makefile', '', 'application/octet-stream', '.bin'],
    ['setup.exe', 'application/octet-stream', 'application/octet-stream', '.exe'],
    ['page.html', 'text/html', 'application/octet-stream', '.html'],
    ['report.csv', 'application/vnd.ms-excel', 'text/csv', '.csv'],
    ['photo.jpg', 'image/jpg', 'image/jpeg', '.jpg'],
  ]) {
    const result = await inPage(page, `return upload(new File(['hello'], ${JSON.stringify(name)}, { type: ${JSON.stringify(type)} }), 'any');`);
    check(result.status === 200 && result.same && result.stored === stored && result.key.endsWith(ending), `any file: ${name} with the type "${type}": ${JSON.stringify(result)}`);
  }
  const refused = await inPage(page, `return upload(new File(['hello'], 'plan.dwg', { type: '' }), 'recordings');`);
  check(refused.refused?.startsWith('400 content-type-invalid') || refused.refused?.startsWith('415'), `a drawing among recordings: ${JSON.stringify(refused)}`);

  // A person drops files on the page, whose first route takes any file.
  for (const [name, type, expected] of [
    ['plan.dwg', '', 'none, signed as application/octet-stream'],
    ['setup.exe', 'application/octet-stream', 'application/octet-stream'],
    ['report.csv', 'application/vnd.ms-excel', 'application/vnd.ms-excel, signed as text/csv'],
  ]) {
    await page.reload();
    await page.waitForFunction(() => document.body.dataset.state === 'ready', null, { timeout: 20_000 });
    const dropped = await page.evaluateHandle(([given, kind]) => {
      const data = new DataTransfer();
      data.items.add(new File(['hello'], given, { type: kind }));
      return data;
    }, [name, type]);
    await page.dispatchEvent('[data-testid=drop-zone]', 'drop', { dataTransfer: dropped });
    await page.waitForFunction(() => ['done', 'failed', 'refused'].includes(document.body.dataset.state), null, { timeout: 20_000 });
    const state = await page.evaluate(() => document.body.dataset.state);
    check(state === 'done', `the page uploads ${name} with the type "${type}": ${state} ${await page.textContent('[data-testid=alert]')}`);
    const shown = await page.textContent('[data-testid=type-sent]');
    check(shown === expected, `the page shows its type: ${shown}`);
  }
}, { args: ['--autoplay-policy=no-user-gesture-required'] });
