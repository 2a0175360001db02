import { Connection } from './Connection.mjs';

const DRAIN_LIMIT = 10_000;

/**
 * Requests at fixed times, whatever becomes of those before: on connections that are open already, and on as many more as it
 * takes. A latency counts from the time that its request was due, so that neither a stalled server nor a stalled generator hides
 * anything.
 *
 * @param url
 * @param request `{ method, headers, body }`
 * @param options `rate` a second, for `seconds`; `open` connections are made before the first; at most `connections`: beyond them
 * requests wait, and their time counts
 * @returns `answers`, each `{ status, due, latency }` in milliseconds, `due` from the start; `status` 0 where a connection ended
 * without an answer. `late`: milliseconds from due to sent, each; `unanswered`: how many were given up after all
 */
export async function openLoop(url, request, { rate, seconds, open = 16, connections = 2000 }) {
  const { hostname, port } = new URL(url);
  const bytes = encode(new URL(url), request);
  const total = Math.floor(rate * seconds);
  const answers = [];
  const late = [];
  const idle = [];
  const waiting = [];
  const connect = () => new Connection(hostname, Number(port));
  // A loop of libuv accepts one connection: a server that is busy would have requests wait where it cannot see them.
  idle.push(...Array.from({ length: open }, connect));
  await Promise.all(idle.map(({ connected }) => connected));
  let opened = open;
  let next = 0;

  const start = performance.now();
  const dueOf = (index) => start + (index * 1000) / rate;
  const release = (connection) => {
    const due = waiting.shift();
    if (due === undefined) idle.push(connection);
    else send(connection, due);
  };
  const send = (connection, due) => {
    late.push(performance.now() - due);
    connection.send(bytes, (status) => {
      answers.push({ status, due: due - start, latency: performance.now() - due });
      if (connection.usable) return release(connection);
      opened -= 1;
      if (waiting.length > 0) dispatch(waiting.shift());
    });
  };
  const dispatch = (due) => {
    let connection = idle.shift();
    while (connection && !connection.usable) {
      connection.destroy();
      opened -= 1;
      connection = idle.shift();
    }
    if (!connection) {
      if (opened >= connections) return void waiting.push(due);
      opened += 1;
      connection = connect();
    }
    send(connection, due);
  };

  await new Promise((resolve) => {
    const tick = () => {
      for (; next < total && dueOf(next) <= performance.now(); next += 1) dispatch(dueOf(next));
      if (next === total) return resolve();
      setTimeout(tick, Math.max(1, dueOf(next) - performance.now()));
    };
    tick();
  });
  for (const end = performance.now() + DRAIN_LIMIT; answers.length < total && performance.now() < end;) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  idle.forEach((connection) => connection.destroy());
  return { answers, late, unanswered: total - answers.length };
}

function encode({ host, pathname }, { method = 'GET', headers = {}, body = '' }) {
  const content = Buffer.from(body);
  const lines = Object.entries({ host, 'content-length': content.length, ...headers });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.concat([Buffer.from(`${method} ${pathname} HTTP/1.1\r\n${head}\r\n`), content]);
}
