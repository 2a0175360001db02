import { errorCodeOf } from '../../errors/errorCodeOf';
import { ProxyError } from './ProxyError';
import { UnavailableError, type Unavailability } from './UnavailableError';

export interface BrokenConnection {
  /** For messages: the reference or the registry. */
  readonly where: string;
  /** The request, as `describeTarget` gives it. */
  readonly target: string;
  readonly secure: boolean;
  /** Whether the service may have received any of the request. */
  readonly sent: boolean;
  /** Whether a body was to be sent over it, and no answer had come. */
  readonly sending: boolean;
}

type Known = Pick<Unavailability, 'what' | 'hint' | 'passing'>;

const NETWORK = 'Check the network and the address, and whether a proxy is needed (HTTPS_PROXY)';

const KNOWN: Readonly<Record<string, Known>> = {
  ECONNREFUSED: {
    what: 'the connection was refused',
    hint: 'Check that the registry is running, and that host and port are right',
  },
  ENOTFOUND: {
    what: 'there is no such host',
    hint: 'Check the name of the host, and that this machine can look names up',
    passing: false,
  },
  EAI_AGAIN: {
    what: 'the name of the host could not be looked up',
    hint: 'Check that this machine has a network and a name server',
  },
  ECONNRESET: {
    what: 'the connection broke',
    hint: 'Run it again; when it keeps happening, look at the log of the registry, and at proxies in between',
  },
  EPIPE: {
    what: 'the registry closed the connection while it was sent to',
    hint: 'Run it again; when it keeps happening, look at the log of the registry, and at limits of size in between',
  },
  EHOSTUNREACH: { what: 'the host cannot be reached', hint: NETWORK },
  ENETUNREACH: { what: 'the network cannot be reached', hint: NETWORK },
  ENETDOWN: { what: 'the network is down', hint: NETWORK },
  ETIMEDOUT: { what: 'the connection was not made in time', hint: NETWORK },
  EADDRNOTAVAIL: {
    what: 'this machine has no port left for one more connection',
    hint: 'Wait a moment, or do less at once',
  },
  HPE_HEADER_OVERFLOW: {
    what: 'the head of the answer is too large',
    hint: 'Look at what the registry, or a proxy in front of it, puts into its headers',
    passing: false,
  },
  CERT_HAS_EXPIRED: {
    what: 'the certificate of the host has expired',
    hint: 'Renew it at the registry, and check the clock of this machine',
    passing: false,
  },
  CERT_NOT_YET_VALID: {
    what: 'the certificate of the host is not valid yet',
    hint: 'Check the clock of this machine and of the registry',
    passing: false,
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    what: 'the certificate is for another host',
    hint: 'Name the registry by a host that its certificate names',
    passing: false,
  },
  ...Object.fromEntries(
    [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'CERT_UNTRUSTED',
      'INVALID_CA',
    ].map((code) => [
      code,
      {
        what: 'the certificate of the host is not signed by an authority that is trusted here',
        hint: 'Set RUNWRIGHT_CA_FILE to a PEM file with the certificate of its authority',
        passing: false,
      },
    ]),
  ),
};

/** What OpenSSL says of bytes that are no TLS, and Node of bytes that are no HTTP. */
const OTHER_PROTOCOL =
  /^(ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST)|EPROTO|HPE_\w+)$/;

/** The error for a connection that could not be made, or broke. It takes over no words of the failure, only its code. */
export function connectionError(failure: unknown, connection: BrokenConnection): UnavailableError {
  const proxy = failure instanceof Error && failure.cause instanceof ProxyError ? failure.cause : undefined;
  const code = codeOf(failure);
  const { what, hint, passing } =
    proxy === undefined ? explain(code, connection.secure) : explainProxy(proxy);
  return new UnavailableError({
    where: connection.where,
    what: `${connection.target}: ${what}${code === undefined ? '' : ` (${code})`}`,
    hint,
    passing,
    sent: connection.sent,
    broken: connection.sending,
    // Only this much of the failure: the whole holds the request with its headers.
    cause: code === undefined ? undefined : Object.assign(new Error(what), { code }),
  });
}

function explain(code: string | undefined, secure: boolean): Known {
  const known = code === undefined ? undefined : KNOWN[code];
  if (known !== undefined) return known;
  if (code !== undefined && OTHER_PROTOCOL.test(code)) {
    return {
      what: secure ? 'what answers there does not speak https' : 'what answers there does not speak http',
      hint: secure
        ? 'If the registry is meant to speak plain http, name it as oci+http://'
        : 'If the registry speaks https, name it as oci+https://',
      passing: false,
    };
  }
  const tls = code !== undefined && /^(ERR_(SSL|TLS)_|CERT_|CRL_)/.test(code);
  return {
    what: tls ? 'no secure connection could be made' : 'the connection broke',
    hint: tls ? 'Check the certificate and the TLS settings of the registry' : NETWORK,
    passing: !tls,
  };
}

function explainProxy({ proxy, fault: { status, code } }: ProxyError): Known {
  const hint = `Check the proxy ${proxy}: its host, its port, and http:// before them; or add the registry's host to NO_PROXY`;
  if (code !== undefined) {
    const { what, passing } = explain(code, false);
    return { what: `the proxy ${proxy}: ${what}`, hint, passing };
  }
  if (status === undefined) return { what: `the proxy ${proxy} did not answer in time`, hint };
  const refused = status < 500;
  return {
    what: refused
      ? `the proxy ${proxy} does not open the way (status ${status})`
      : `the proxy ${proxy} cannot reach the host (status ${status})`,
    hint:
      status === 407
        ? 'Put the credentials for the proxy into HTTPS_PROXY (http://user:password@host:port)'
        : 'Ask who runs the proxy to let this host through, or add it to NO_PROXY',
    passing: !refused,
  };
}

/** got's errors carry the code of what they wrap; several addresses that were tried carry that of the first. */
function codeOf(failure: unknown): string | undefined {
  const code = errorCodeOf(failure);
  return code === undefined || code.startsWith('ERR_GOT') ? undefined : code;
}
