// An HTTP proxy for TLS (CONNECT, RFC 9110, section 9.3.6).
import http from 'node:http';
import net from 'node:net';

/** Starts a proxy that connects every name to one port of this machine, like one whose network knows the name. */
export async function startProxy(port) {
  const connected = [];
  const server = http.createServer((_, response) => { response.writeHead(405).end(); });
  server.on('connect', ({ url }, client, head) => {
    connected.push(url);
    const upstream = net.connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [client, upstream]) socket.on('error', () => { client.destroy(); upstream.destroy(); });
  });
  await new Promise((listening) => { server.listen(0, '127.0.0.1', listening); });
  return { address: `http://127.0.0.1:${server.address().port}`, connected, close: () => { server.close(); server.closeAllConnections(); } };
}
