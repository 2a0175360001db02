import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { ioError } from '../../errors/ioError';
import { RunwrightError } from '../../errors/RunwrightError';

/** PEM files with certificates of authorities to trust besides those of Node. */
const VARIABLES = ['RUNWRIGHT_CA_FILE', 'SSL_CERT_FILE'] as const;

/**
 * Whom TLS connections trust: Node's own authorities and those in the files that `$RUNWRIGHT_CA_FILE` and `$SSL_CERT_FILE` name.
 *
 * @returns `undefined` when no file is named: then what Node trusts by itself is right
 * @throws RunwrightError RW_IO (the file cannot be read), RW_OPTION_INVALID (there is no certificate in it, or a damaged one)
 */
export async function certificateAuthorities(
  environment: NodeJS.ProcessEnv,
): Promise<SecureContext | undefined> {
  const own = await Promise.all(
    VARIABLES.flatMap((name) => {
      const file = environment[name] || undefined;
      return file === undefined ? [] : [readAuthorities(name, file)];
    }),
  );
  if (own.length === 0) return undefined;
  // Node leaves its extra ones out as soon as authorities are given. It has warned by itself of a file that it cannot read.
  const extra = process.env.NODE_EXTRA_CA_CERTS;
  const more = extra ? await readFile(extra, 'utf8').catch(() => '') : '';
  return createSecureContext({ ca: [...rootCertificates, ...own.flat(), ...(more === '' ? [] : [more])] });
}

async function readAuthorities(variable: string, file: string): Promise<string[]> {
  const where = `${variable} (${file})`;
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw ioError(error, where, 'read the certificates');
  });
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (certificates.length > 0 && certificates.every(isCertificate)) return certificates;
  throw new RunwrightError('RW_OPTION_INVALID', {
    where,
    what:
      certificates.length === 0
        ? 'there is no certificate in the file'
        : 'a certificate in the file is damaged',
    hint: 'Name a file with certificates in PEM form (-----BEGIN CERTIFICATE-----)',
  });
}

/** TLS itself would leave a damaged one out without a word. */
function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}
