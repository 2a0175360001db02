import { isUrl } from '../artifact/Reference';
import { RunwrightError } from '../errors/RunwrightError';

/** A reference, and the registry that it names itself. */
export interface SplitReference {
  /** `undefined` for a reference that is no URL. */
  readonly registry: string | undefined;
  readonly reference: string;
}

const FORM =
  'Write oci://host[:port][/prefix]/organization/repository[:number|:alias][@sha256:hex], or vessl://organization/repository[:number]';

/** Whether a text is meant as a URL of a registry that is reached over the network, or of a model in one. */
export function isRegistryUrl(text: string): boolean {
  return /^(?:oci(?:\+https?)?|vessl):/i.test(text);
}

/**
 * Takes the URL of a model apart. Of an `oci:` URL the last two components are organization and repository, and what stands
 * before them is the registry; of a `vessl:` URL the host is both.
 *
 * @throws RunwrightError RW_REFERENCE_INVALID; the message never repeats the URL, which may hold a password
 * @example
 * splitReferenceUrl('oci://ghcr.io/models/acme/iris:3') // { registry: 'oci://ghcr.io/models', reference: 'acme/iris:3' }
 * splitReferenceUrl('vessl://acme/iris:3') // { registry: 'vessl://acme', reference: 'acme/iris:3' }
 * splitReferenceUrl('iris:3') // { registry: undefined, reference: 'iris:3' }
 */
export function splitReferenceUrl(text: string): SplitReference {
  const refuse = (what: string, hint = FORM): RunwrightError =>
    new RunwrightError('RW_REFERENCE_INVALID', { where: 'reference', what, hint });
  if (typeof text !== 'string' || !isRegistryUrl(text)) {
    if (isUrl(text)) throw refuse('no model is named by a URL of that scheme');
    return { registry: undefined, reference: text };
  }
  const [, scheme = '', rest = ''] = /^([a-z+]+):(?:\/\/)?(.*)$/is.exec(text) ?? [];
  const at = rest.indexOf('@');
  if (at !== -1 && !/^@sha256:[0-9a-f]*$/.test(rest.slice(at))) {
    throw refuse(
      'the URL holds credentials, or something that is no digest behind an "@"',
      'Leave credentials out: `runwright login` keeps them where the system does',
    );
  }
  const components = rest.split('/');
  const isVessl = scheme.toLowerCase() === 'vessl';
  const expected = isVessl ? components.length === 2 : components.length >= 3;
  if (!expected) {
    const last = components.at(-1) ?? '';
    const lacksOwner = !isVessl && components.length === 2 && /^[a-z\d._-]+(?::[\w.-]+)?$/.test(last);
    throw refuse(
      'the URL does not name one model repository',
      lacksOwner ? `Write ${scheme}://.../default/${last} (organization/repository)` : FORM,
    );
  }
  return {
    registry: `${scheme}://${(isVessl ? components.slice(0, 1) : components.slice(0, -2)).join('/')}`,
    reference: components.slice(-2).join('/'),
  };
}
