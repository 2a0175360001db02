import { RunwrightError } from '../../errors/RunwrightError';
import { isLoopback } from '../isLoopback';
import type { VolumeGrant } from './VolumeGrant';

/**
 * Scheme, host and path that the keys of a volume's objects come behind: in path style behind an endpoint; in Amazon's own
 * service by the bucket's host name, where the bucket's name can be one.
 *
 * @param own the user's own endpoint, instead of the one that the platform names; it alone may be http beyond loopback
 * @throws RunwrightError RW_REGISTRY_ANSWER (no http URL, http where only https will do, or Google's store)
 */
export function s3Location(grant: VolumeGrant, where: string, own?: string): URL {
  const { provider, bucket, region } = grant;
  const endpoint = own ?? grant.endpoint;
  const refuse = (what: string, hint: string) =>
    new RunwrightError('RW_REGISTRY_ANSWER', { where, what, hint });
  if (provider === 'gs') {
    throw refuse(
      'the volume of the model lies in Google Cloud Storage, and Runwright speaks to S3 alone',
      'Use an organization whose models lie in S3 or in a store that speaks it, or an OCI registry',
    );
  }
  if (endpoint !== undefined) {
    const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
    if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
      throw refuse(
        'the endpoint of the object store is not an http URL',
        'Check the storage of the organization, and VESSL_VOLUME_S3_API_ENDPOINT_URL',
      );
    }
    if (own === undefined && url.protocol === 'http:' && !isLoopback(url.hostname)) {
      throw refuse(
        `VESSL names an object store that is not reached over TLS: ${url.origin}`,
        'Set VESSL_VOLUME_S3_API_ENDPOINT_URL to its https address; to this one only where the network is trusted',
      );
    }
    url.pathname = `${url.pathname.replace(/\/+$/, '')}/${bucket}/`;
    return url;
  }
  const host = /^[a-z0-9-]+$/.test(bucket);
  return new URL(
    host
      ? `https://${bucket}.s3.${region || 'us-east-1'}.amazonaws.com/`
      : `https://s3.${region || 'us-east-1'}.amazonaws.com/${bucket}/`,
  );
}
