import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface JsonTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data?: readonly unknown[];
  readonly parameters?: { readonly binary_data_size: number };
}

/** One part of a request: JSON, or the raw bytes of a tensor. */
type Binary = Readonly<Record<string, ArrayBufferView>>;

/** Raw requests over one connection that stays open, with no header that was not asked for. */
export class OipClient {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(readonly url: string) {}

  async ask(
    path: string,
    body?: string | Uint8Array,
    headers: Record<string, string | number> = {},
    method = body === undefined ? 'GET' : 'POST',
  ): Promise<RawAnswer> {
    const bytes = body === undefined ? undefined : Buffer.from(body as Uint8Array);
    const request = httpRequest(this.url + path, {
      method,
      agent: this.agent,
      headers: { ...(bytes && { 'content-length': bytes.byteLength }), ...headers },
    });
    request.end(bytes);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
  }

  async json(path: string, document?: unknown): Promise<{ status: number; body: unknown }> {
    const body = document === undefined ? undefined : JSON.stringify(document);
    const answer = await this.ask(path, body);
    return { status: answer.status, body: JSON.parse(answer.body.toString()) as unknown };
  }

  /** The inputs of `binary` get their bytes from the tail, in the order of `inputs`. */
  infer(model: string, document: Document, binary: Binary = {}): Promise<RawAnswer> {
    const { body, headers } = inferBody(document, binary);
    return this.ask(`/v2/models/${model}/infer`, body, headers);
  }

  close(): void {
    this.agent.destroy();
  }
}

interface Document {
  readonly inputs: readonly (Partial<JsonTensor> & object)[];
  readonly [key: string]: unknown;
}

export function inferBody(
  document: Document,
  binary: Binary = {},
): { body: Buffer; headers: Record<string, number> } {
  const tails: Uint8Array[] = [];
  const inputs = document.inputs.map((input) => {
    const view = binary[input.name ?? ''];
    if (view === undefined) return input;
    tails.push(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    return { ...input, parameters: { binary_data_size: view.byteLength } };
  });
  const json = Buffer.from(JSON.stringify({ ...document, inputs }));
  if (tails.length === 0) return { body: json, headers: {} };
  return {
    body: Buffer.concat([json, ...tails]),
    headers: { 'inference-header-content-length': json.byteLength },
  };
}

/** The outputs of an answer by name, raw tensors among them as bytes. */
export function outputsOf({ headers, body }: RawAnswer): Record<string, JsonTensor & { bytes?: Buffer }> {
  const length = headers['inference-header-content-length'];
  const json = length === undefined ? body : body.subarray(0, Number(length));
  let offset = json.byteLength;
  const { outputs } = JSON.parse(json.toString()) as { outputs: JsonTensor[] };
  const found: Record<string, JsonTensor & { bytes?: Buffer }> = {};
  for (const output of outputs) {
    const size = output.parameters?.binary_data_size;
    found[output.name] =
      size === undefined ? output : { ...output, bytes: body.subarray(offset, offset + size) };
    offset += size ?? 0;
  }
  return found;
}
