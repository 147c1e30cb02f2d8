// Serves pages for the tests of the browser client, and the files of its package below `/package/`.
import fs from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript' };

/** Pages by path: what they contain, further headers, and the status, which can be a getter. */
const PAGES = {
  '/': { text: '<!doctype html><html lang="en"><title>page</title><body></body></html>' },
  '/no-worker': { text: '<!doctype html><html lang="en"><title>page</title><body></body></html>', headers: { 'Content-Security-Policy': "worker-src 'none'" } },
};

/** Serves `folder` and `pages` on the port, and returns a function that stops the server. */
export async function serve(port, folder, pages = {}) {
  const all = { ...PAGES, ...pages };
  const server = http.createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://127.0.0.1');
    const { text, type = 'text/html', headers = {}, status = 200 } = all[pathname] ?? {};
    // One without a text fails before the file is served.
    if (text !== undefined || status !== 200) {
      response.writeHead(status, { 'Content-Type': type, ...headers }).end(text);
      return;
    }
    const name = pathname.startsWith('/package/') ? path.basename(pathname) : '';
    try {
      const text = await fs.readFile(path.join(folder, name));
      response.writeHead(200, { 'Content-Type': TYPES[path.extname(name)] ?? 'text/plain', 'Access-Control-Allow-Origin': '*' }).end(text);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => { server.listen(port, '127.0.0.1', resolve); });
  return () => new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
}
