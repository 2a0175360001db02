// The least that a server in one thread of Node can do: node:http alone, nothing validated, a queue of $QUEUE, one model call a
// turn of the event loop, and 429 for the rest before any of their bodies is read.
import { createServer } from 'node:http';

const QUEUE = Number(process.env.QUEUE);
const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' };
const REFUSAL = JSON.stringify({ error: { code: 'FULL', message: 'the queue is full' } });
const REFUSED = { ...JSON_HEADERS, 'retry-after': '1', 'content-length': Buffer.byteLength(REFUSAL) };

const waiting = [];
let arriving = 0;
let scheduled = false;

const server = createServer((request, response) => {
  if (request.method === 'GET') return void response.end();
  if (waiting.length + arriving > QUEUE) {
    request.resume();
    return void response.writeHead(429, REFUSED).end(REFUSAL);
  }
  arriving += 1;
  let body = '';
  request.setEncoding('utf8').on('data', (text) => (body += text));
  request.on('end', () => {
    arriving -= 1;
    waiting.push({ response, input: JSON.parse(body) });
    schedule();
  });
});

function schedule() {
  if (scheduled || waiting.length === 0) return;
  scheduled = true;
  setImmediate(() => {
    scheduled = false;
    const { response, input } = waiting.shift();
    const answer = JSON.stringify(predict(input));
    response.writeHead(200, { ...JSON_HEADERS, 'content-length': Buffer.byteLength(answer) }).end(answer);
    schedule();
  });
}

function predict({ milliseconds }) {
  const start = performance.now();
  while (performance.now() - start < milliseconds);
  return { milliseconds: performance.now() - start };
}

server.listen(Number(process.env.PORT), '127.0.0.1');
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
