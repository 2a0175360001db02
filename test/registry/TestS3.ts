import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { crc32 } from 'node:zlib';

export interface S3Object {
  readonly bytes: Buffer;
  /** With quotes. */
  readonly etag: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface S3Request {
  readonly method: string;
  /** As it came, still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface S3Answer {
  readonly status: number;
  readonly headers?: Record<string, string | number>;
  readonly body?: Buffer | string;
}

interface Keys {
  readonly secret: string;
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** An object store in memory, in path style: signatures, checksums, conditions, ranges, lists and uploads in parts. */
export class TestS3 {
  /** By `bucket/key`. */
  readonly objects = new Map<string, S3Object>();
  readonly uploads = new Map<
    string,
    { path: string; metadata: Record<string, string>; parts: Map<number, Buffer> }
  >();
  /** False for a store from before there were conditional writes: it says 501. */
  conditions = true;
  /** Most parts in a list of them. */
  partsPerPage = 1000;
  readonly #keys = new Map<string, Keys>();
  #count = 0;

  mint(milliseconds: number) {
    const id = `ASIA${String((this.#count += 1)).padStart(8, '0')}`;
    const keys = { secret: `secret-${id}`, token: `session-${id}`, expires: Date.now() + milliseconds };
    this.#keys.set(id, keys);
    return { access_key_id: id, secret_access_key: keys.secret, session_token: keys.token };
  }

  /** Makes all keys worthless. */
  revoke(): void {
    this.#keys.clear();
  }

  put(path: string, bytes: Buffer | string, metadata: Record<string, string> = {}): S3Object {
    const data = Buffer.from(bytes);
    const object = { bytes: data, etag: `"${createHash('md5').update(data).digest('hex')}"`, metadata };
    this.objects.set(path, object);
    return object;
  }

  answer(request: S3Request): S3Answer {
    const refused = this.#verify(request);
    if (refused) return refused;
    const { method, query, headers } = request;
    const path = decodeURIComponent(request.path).slice(1);
    const body =
      headers['content-encoding']?.includes('aws-chunked') === true ? unchunk(request.body) : request.body;
    const sum = headers['x-amz-checksum-crc32'];
    const crc = Buffer.alloc(4);
    crc.writeUInt32BE(crc32(body));
    if (sum !== undefined && sum !== crc.toString('base64')) return s3Error(400, 'BadDigest');
    if (!path.includes('/'))
      return method === 'GET' ? this.#list(path, query) : s3Error(405, 'MethodNotAllowed');
    if (query.has('uploads') || query.has('uploadId')) return this.#multipart(request, path, body);
    if (method === 'PUT') {
      const failed = this.#condition(path, headers);
      if (failed) return failed;
      return { status: 200, headers: { etag: this.put(path, body, metadataOf(headers)).etag } };
    }
    const object = this.objects.get(path);
    if (method === 'DELETE') {
      this.objects.delete(path);
      return { status: 204 };
    }
    if (object === undefined) return method === 'HEAD' ? { status: 404 } : s3Error(404, 'NoSuchKey');
    if (headers['if-match'] !== undefined && headers['if-match'] !== object.etag)
      return s3Error(412, 'PreconditionFailed');
    return this.#get(object, headers.range, method === 'HEAD');
  }

  #get({ bytes, etag, metadata }: S3Object, range: string | undefined, isHead: boolean): S3Answer {
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
    const from = Number(first ?? 0);
    const to = last ? Math.min(Number(last), bytes.length - 1) : bytes.length - 1;
    const part = bytes.subarray(from, to + 1);
    const headers = {
      ...metadata,
      etag,
      'accept-ranges': 'bytes',
      'last-modified': new Date(0).toUTCString(),
      'content-length': part.length,
      ...(first !== undefined && { 'content-range': `bytes ${from}-${to}/${bytes.length}` }),
    };
    return { status: first === undefined ? 200 : 206, headers, ...(!isHead && { body: part }) };
  }

  #condition(path: string, headers: IncomingHttpHeaders): S3Answer | undefined {
    const { 'if-match': match, 'if-none-match': noneMatch } = headers;
    if (match === undefined && noneMatch === undefined) return undefined;
    if (!this.conditions) return s3Error(501, 'NotImplemented');
    const object = this.objects.get(path);
    if (noneMatch === '*' && object !== undefined) return s3Error(412, 'PreconditionFailed');
    if (match !== undefined && object === undefined) return s3Error(404, 'NoSuchKey');
    if (match !== undefined && match !== object?.etag) return s3Error(412, 'PreconditionFailed');
    return undefined;
  }

  #multipart({ method, query, headers }: S3Request, path: string, body: Buffer): S3Answer {
    if (method === 'POST' && query.has('uploads')) {
      const id = `upload&${(this.#count += 1)}`;
      this.uploads.set(id, { path, metadata: metadataOf(headers), parts: new Map() });
      return xml(
        `<InitiateMultipartUploadResult><UploadId>${escape(id)}</UploadId></InitiateMultipartUploadResult>`,
      );
    }
    const id = query.get('uploadId') ?? '';
    const upload = this.uploads.get(id);
    if (upload?.path !== path) return s3Error(404, 'NoSuchUpload');
    if (method === 'PUT') {
      upload.parts.set(Number(query.get('partNumber')), body);
      return { status: 200, headers: { etag: `"${createHash('md5').update(body).digest('hex')}"` } };
    }
    if (method === 'DELETE') {
      this.uploads.delete(id);
      return { status: 204 };
    }
    if (method === 'GET') return this.#listParts(upload.parts, Number(query.get('part-number-marker')));
    const failed = this.#condition(path, headers);
    if (failed) return failed;
    const parts: Buffer[] = [];
    const hash = createHash('md5');
    for (const [, etag = '', number] of body
      .toString()
      .matchAll(/<Part>\s*<ETag>([^<]*)<\/ETag>\s*<PartNumber>(\d+)<\/PartNumber>/g)) {
      const part = upload.parts.get(Number(number));
      const md5 = createHash('md5')
        .update(part ?? '')
        .digest();
      if (part === undefined || !etag.includes(md5.toString('hex'))) return s3Error(400, 'InvalidPart');
      parts.push(part);
      hash.update(md5);
    }
    this.uploads.delete(id);
    const etag = `"${hash.digest('hex')}-${parts.length}"`;
    this.objects.set(path, { bytes: Buffer.concat(parts), etag, metadata: upload.metadata });
    return xml(`<CompleteMultipartUploadResult><ETag>${escape(etag)}</ETag></CompleteMultipartUploadResult>`);
  }

  #listParts(parts: ReadonlyMap<number, Buffer>, after: number): S3Answer {
    const left = [...parts.keys()].filter((number) => number > after).sort((a, b) => a - b);
    const page = left.slice(0, this.partsPerPage);
    const rows = page.map((number) => {
      const md5 = createHash('md5').update(parts.get(number) as Buffer);
      return `<Part><PartNumber>${number}</PartNumber><ETag>&quot;${md5.digest('hex')}&quot;</ETag></Part>`;
    });
    return xml(
      `<ListPartsResult><NextPartNumberMarker>${page.at(-1) ?? 0}</NextPartNumberMarker>` +
        `<IsTruncated>${left.length > page.length}</IsTruncated>${rows.join('')}</ListPartsResult>`,
    );
  }

  #list(bucket: string, query: URLSearchParams): S3Answer {
    const prefix = query.get('prefix') ?? '';
    const most = Number(query.get('max-keys') ?? 1000);
    const after = Buffer.from(query.get('continuation-token') ?? '', 'base64').toString();
    const keys = [...this.objects.keys()]
      .filter((path) => path.startsWith(`${bucket}/${prefix}`))
      .map((path) => path.slice(bucket.length + 1))
      .filter((key) => key > after)
      .sort();
    const page = keys.slice(0, most);
    const rows = page.map((key) => {
      const { bytes, etag } = this.objects.get(`${bucket}/${key}`) as S3Object;
      return `<Contents><Key>${encodeListed(key)}</Key><LastModified>2026-01-02T03:04:05Z</LastModified><ETag>${escape(etag)}</ETag><Size>${bytes.length}</Size></Contents>`;
    });
    const more = keys.length > page.length;
    const next = Buffer.from(page.at(-1) ?? '').toString('base64');
    return xml(
      `<ListBucketResult><Name>${bucket}</Name><Prefix>${encodeListed(prefix)}</Prefix><KeyCount>${page.length}</KeyCount><MaxKeys>${most}</MaxKeys>` +
        `<IsTruncated>${more}</IsTruncated><EncodingType>url</EncodingType>${more ? `<NextContinuationToken>${next}</NextContinuationToken>` : ''}${rows.join('')}</ListBucketResult>`,
    );
  }

  /** AWS Signature V4, made anew from what arrived. */
  #verify({ method, path, query, headers, body }: S3Request): S3Answer | undefined {
    const [, id = '', day = '', region = '', service = '', signed = '', signature] =
      /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]+)$/.exec(
        headers.authorization ?? '',
      ) ?? [];
    const keys = this.#keys.get(id);
    if (keys === undefined) return s3Error(403, 'InvalidAccessKeyId');
    if (headers['x-amz-security-token'] !== keys.token) return s3Error(403, 'InvalidToken');
    if (Date.now() > keys.expires) return s3Error(400, 'ExpiredToken');
    const payload = String(headers['x-amz-content-sha256']);
    if (/^[0-9a-f]{64}$/.test(payload) && payload !== createHash('sha256').update(body).digest('hex')) {
      return s3Error(400, 'XAmzContentSHA256Mismatch');
    }
    const encode = (text: string): string =>
      encodeURIComponent(text).replace(
        /[!'()*]/g,
        (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
      );
    const canonical = [
      method,
      decodeURIComponent(path).split('/').map(encode).join('/'),
      [...query]
        .map(([key, value]) => `${encode(key)}=${encode(value)}`)
        .sort()
        .join('&'),
      ...signed.split(';').map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, ' ')}`),
      '',
      signed,
      payload,
    ].join('\n');
    const scope = [day, region, service, 'aws4_request'];
    const text = [
      'AWS4-HMAC-SHA256',
      headers['x-amz-date'],
      scope.join('/'),
      createHash('sha256').update(canonical).digest('hex'),
    ].join('\n');
    const key = scope.reduce<Buffer>(
      (secret, part) => createHmac('sha256', secret).update(part).digest(),
      Buffer.from(`AWS4${keys.secret}`),
    );
    const expected = createHmac('sha256', key).update(text).digest('hex');
    return expected === signature ? undefined : s3Error(403, 'SignatureDoesNotMatch');
  }
}

function metadataOf(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith('x-amz-meta-'))
      .map(([name, value]) => [name, String(value)]),
  );
}

function unchunk(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const end = body.indexOf('\r\n', at);
    const size = parseInt(body.subarray(at, end).toString(), 16);
    if (!(size > 0)) return Buffer.concat(parts);
    parts.push(body.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}

/** Status 200 is what S3 gives when it fails after it has begun to answer. */
export function s3Error(status: number, code: string): S3Answer {
  return { ...xml(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`), status };
}

function xml(body: string): S3Answer {
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
  };
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');
}

/** Keys in a list, as Amazon writes them. */
function encodeListed(key: string): string {
  return encodeURIComponent(key).replace(/%2F/g, '/').replace(/%20/g, '+');
}
