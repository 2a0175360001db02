import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * A line to a server on loopback, at which bytes arrive later than they were sent.
 *
 * @param target `host:port`
 * @param delay milliseconds, in each direction
 * @returns `host`, `sent()` the bytes that clients have sent so far, `stop()`
 */
export async function startLine(target, { delay = 0 } = {}) {
  const [hostname, port] = target.split(':');
  const sockets = new Set();
  let bytes = 0;
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const upstream = connect({ host: hostname, port: Number(port), noDelay: true, allowHalfOpen: true });
    client.on('data', (chunk) => (bytes += chunk.length));
    carry(client, upstream, delay);
    carry(upstream, client, delay);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {
        client.destroy();
        upstream.destroy();
      });
      socket.on('close', () => sockets.delete(socket));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  return { host: `127.0.0.1:${server.address().port}`, sent: () => bytes, stop };
}

/** Bytes that are on their way do not hold up those that follow: it is a delay, not a limit to how many there are. */
function carry(from, to, delay) {
  const later = (work) => (delay === 0 ? work() : setTimeout(work, delay));
  from.on('data', (chunk) => later(() => to.writable && to.write(chunk)));
  from.on('end', () => later(() => to.end()));
  from.on('close', () => later(() => to.destroySoon()));
}
