import { execFile, execFileSync } from 'node:child_process';
import { rmSync, writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Connections that each send one request after another: wrk, or autocannon (slower itself, so the ratios come out flatter)
 * where wrk is not installed.
 *
 * @param url
 * @param request `{ method, headers, body }`
 * @returns requests per second, and milliseconds of p50 and p99
 * @throws Error when any answer was not 2xx: a server that refuses is fast
 */
export async function closedLoop(url, request, { connections, seconds }) {
  const measured = await (hasWrk() ? byWrk : byAutocannon)(url, request, { connections, seconds });
  const { failed, ...figures } = measured;
  if (failed > 0) throw new Error(`${url}: ${failed} requests were not answered with success`);
  return figures;
}

let wrk;
/** Which program makes the load. */
export const loadTool = () => (hasWrk() ? 'wrk' : 'autocannon');

function hasWrk() {
  if (wrk !== undefined) return wrk;
  try {
    execFileSync('sh', ['-c', 'command -v wrk'], { stdio: 'ignore' });
    return (wrk = true);
  } catch {
    return (wrk = false);
  }
}

async function byWrk(url, { method = 'GET', headers = {}, body = '' }, { connections, seconds }) {
  const folder = mkdtempSync(join(tmpdir(), 'runwright-wrk-'));
  try {
    const script = join(folder, 'request.lua');
    writeFileSync(join(folder, 'body'), body);
    writeFileSync(
      script,
      `wrk.method = ${JSON.stringify(method)}
       local file = io.open(${JSON.stringify(join(folder, 'body'))}, "rb")
       wrk.body = file:read("*a")
       ${Object.entries(headers)
         .map(([name, value]) => `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(String(value))}`)
         .join('\n')}
       function done(summary, latency)
         local e = summary.errors
         io.write(string.format('RESULT{"rate":%f,"p50":%f,"p99":%f,"failed":%d}\\n',
           summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
           e.status + e.connect + e.read + e.write + e.timeout))
       end`,
    );
    const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '30s', '-s', script, url];
    const { stdout } = await promisify(execFile)('wrk', args);
    return JSON.parse(stdout.slice(stdout.indexOf('RESULT') + 6).split('\n', 1)[0]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function byAutocannon(url, request, { connections, seconds }) {
  const { default: autocannon } = await import('autocannon');
  const result = await autocannon({ url, ...request, connections, duration: seconds });
  return {
    rate: result.requests.average,
    p50: result.latency.p50,
    p99: result.latency.p99,
    failed: result.non2xx + result.errors + result.timeouts,
  };
}
