import { execFileSync, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What `runwright:secret-of-the-test` is to htpasswd, by bcrypt. */
const HTPASSWD = 'runwright:$2y$05$9VuTgWMVonPA8F/6HDib/uXMZQ2IXrgk1L344E/VG9WNwGSEC2S/S\n';
export const CREDENTIALS = { username: 'runwright', password: 'secret-of-the-test' };

const START = 20_000;

/** Ends the registry when its own input ends, so that it outlives nobody who starts it. */
const WRAPPER =
  'docker-registry serve "$1" </dev/null & registry=$!; cat >/dev/null; kill $registry; wait $registry';

export interface DockerRegistryOptions {
  /** Serve https, with a certificate of an own authority. Needs openssl. */
  readonly tls?: boolean;
  /** Ask for `CREDENTIALS`. */
  readonly basicAuth?: boolean;
  /** Allow manifests and blobs to be deleted. Default false. */
  readonly deletes?: boolean;
}

export interface DockerRegistry {
  /** `127.0.0.1:port`. */
  readonly host: string;
  readonly origin: URL;
  /** PEM file of the authority that its certificate is of. */
  readonly caFile: string | undefined;
  /** What it has stored, and its `registry.log`. */
  readonly folder: string;
  stop(): Promise<void>;
}

/** Debian's docker-registry on a free port of loopback, in a folder of its own. */
export async function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'runwright-docker-registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  const tls = options.tls === true ? makeCertificate(folder) : undefined;
  const origin = new URL(`${tls ? 'https' : 'http'}://${host}/`);
  const config = join(folder, 'config.json');
  writeFileSync(join(folder, 'htpasswd'), HTPASSWD);
  mkdirSync(join(folder, 'storage'));
  // JSON is YAML.
  writeFileSync(
    config,
    JSON.stringify({
      version: 0.1,
      log: { level: 'warn', accesslog: { disabled: true } },
      storage: {
        cache: { blobdescriptor: 'inmemory' },
        filesystem: { rootdirectory: join(folder, 'storage') },
        delete: { enabled: options.deletes === true },
      },
      http: { addr: host, ...(tls && { tls: { certificate: tls.certificate, key: tls.key } }) },
      ...(options.basicAuth === true && {
        auth: { htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } },
      }),
    }),
  );
  const child = spawn('sh', ['-c', WRAPPER, 'sh', config], { stdio: ['pipe', 'ignore', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let log = '';
  const file = createWriteStream(join(folder, 'registry.log'));
  child.stderr.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-4000)));
  child.stderr.pipe(file);
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const patience = Date.now() + START;
  while (!(await answers(origin))) {
    if (child.exitCode !== null || Date.now() > patience) {
      await stop();
      throw new Error(`docker-registry does not answer: ${log}`);
    }
    await sleep(20);
  }
  return { host, origin, caFile: tls?.authority, folder, stop };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function answers(origin: URL): Promise<boolean> {
  const request = origin.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    // Whether it is there is all that is asked here: the certificate is for the tests to judge.
    const asked = request(new URL('/v2/', origin), { rejectUnauthorized: false, agent: false }, (answer) => {
      answer.resume();
      resolve(true);
    });
    asked.on('error', () => resolve(false)).end();
  });
}

function makeCertificate(folder: string): { authority: string; certificate: string; key: string } {
  const [authority, authorityKey, certificate, key] = ['ca.pem', 'ca.key', 'server.pem', 'server.key'].map(
    (name) => join(folder, name),
  ) as [string, string, string, string];
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const made = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  openssl(
    'req',
    ...made,
    '-subj',
    '/CN=Runwright test authority',
    '-keyout',
    authorityKey,
    '-out',
    authority,
  );
  openssl(
    'req',
    ...made,
    ...['-subj', '/CN=localhost', '-CA', authority, '-CAkey', authorityKey],
    ...[
      '-addext',
      'subjectAltName=IP:127.0.0.1,DNS:localhost',
      '-addext',
      'basicConstraints=critical,CA:FALSE',
    ],
    ...['-keyout', key, '-out', certificate],
  );
  return { authority, certificate, key };
}
