import { asRecord } from '../../artifact/asRecord';

/** Characters of a service's own words that are shown. */
const SHOWN = 300;

/**
 * What a service says of its refusal, for people: `CODE: message`. Read out of the JSON of an OCI registry
 * (`{errors: [{code, message}]}`), of VESSL (`{code, message}`) and of token services (`{details}`, `{error_description}`);
 * anything else, such as the HTML page of a proxy, says nothing that helps.
 *
 * @param secrets what must not be shown though the service says it
 */
export function serviceMessage(body: Buffer | undefined, secrets: readonly string[]): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body?.toString() ?? '');
  } catch {
    return undefined;
  }
  const { errors } = asRecord(parsed);
  const said = (Array.isArray(errors) ? errors.slice(0, 3) : [parsed])
    .map(sayingOf)
    .filter(Boolean)
    .join('; ');
  const hidden = secrets.reduce((text, secret) => text.replaceAll(secret, '***'), said);
  // A service may not write to the terminal as it likes.
  const line = hidden.replace(/[\p{C}\s]+/gu, ' ').trim();
  return line === '' ? undefined : line.length > SHOWN ? `${line.slice(0, SHOWN)}...` : line;
}

function sayingOf(value: unknown): string {
  const { code, error, message, details, error_description: description } = asRecord(value);
  return [code ?? error, message ?? details ?? description]
    .filter((part) => typeof part === 'string' && part !== '')
    .join(': ');
}
