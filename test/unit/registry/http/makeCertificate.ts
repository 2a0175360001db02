import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** A certificate that nobody but its own file vouches for, made by the openssl program. */
export function makeCertificate(...hosts: readonly string[]): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'runwright-certificate-'));
  try {
    const names = hosts.map((host) => (/^[\d.]+$/.test(host) ? `IP:${host}` : `DNS:${host}`)).join(',');
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')] as const;
    const made = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
    ];
    const named = ['-subj', `/CN=${hosts[0]}`, '-addext', `subjectAltName=${names}`];
    execFileSync('openssl', [...made, '-keyout', key, '-out', cert, ...named], { stdio: 'ignore' });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
