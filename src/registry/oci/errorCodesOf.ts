import { asRecord } from '../../artifact/asRecord';

/** The codes in an error of an OCI registry, `{errors: [{code, message}]}`, such as `DIGEST_INVALID`; none in any other answer. */
export function errorCodesOf(body: Buffer): string[] {
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    return [];
  }
  const { errors } = asRecord(value);
  const codes = Array.isArray(errors) ? errors.map((error) => asRecord(error)['code']) : [];
  return codes.filter((code) => typeof code === 'string' && /^[A-Z_]{1,64}$/.test(code)) as string[];
}
