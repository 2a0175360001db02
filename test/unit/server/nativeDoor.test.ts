import 'reflect-metadata';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IsInt, IsNumber, IsOptional, IsString } from 'class-validator';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Predict } from '../../../src/decorators/Predict';
import { Preprocess } from '../../../src/decorators/Preprocess';
import { Runner } from '../../../src/decorators/Runner';
import { ValidationError } from '../../../src/errors/ValidationError';
import type { RunContext } from '../../../src/metadata/contexts';
import { IsFile } from '../../../src/schema/IsFile';
import { Unvalidated } from '../../../src/schema/Unvalidated';
import type { UploadedFile } from '../../../src/schema/UploadedFile';
import { listening, overSocket, serveRunners, throughInject, type Ask } from './serveRunners';

class Input {
  @IsNumber() value!: number;
}
class Output {
  @IsInt() result!: number;
}

@Runner({ name: 'doubler' })
class Doubler {
  @Predict({ input: Input, output: Output }) predict(_model: unknown, { value }: Input): Output {
    return { result: value * 2 };
  }
}

@Runner({ name: 'tripler' })
class Tripler {
  @Predict({ input: Input, output: Output }) predict(_model: unknown, { value }: Input): Output {
    return { result: value * 3 };
  }
}

@Runner({ name: 'reverse' })
class Reverse {
  @Predict({ input: Uint8Array, output: Uint8Array }) predict(_model: unknown, bytes: Uint8Array) {
    return Uint8Array.from(bytes).reverse();
  }
}

@Runner({ name: 'counter' })
class Counter {
  @Predict({ input: Unvalidated, output: Unvalidated }) async *predict(_model: unknown, last: unknown) {
    for (let n = 1; n <= (last as number); n++) {
      await Promise.resolve();
      if (n === 4) throw new Error('secret 4711');
      yield n;
    }
  }
}

class Picture {
  @IsFile({ mime: ['image/*'], maxBytes: 100_000 }) image!: UploadedFile;
  @IsFile() @IsOptional() mask?: UploadedFile;
  @IsString() caption!: string;
  @IsInt() @IsOptional() width?: number;
}

@Runner({ name: 'pictures' })
class Pictures {
  @Predict({ input: Picture, output: Unvalidated }) async predict(_model: unknown, picture: Picture) {
    const bytes = await picture.image.bytes();
    const { filename, mime, size } = picture.image;
    const { caption, width } = picture;
    return { sum: bytes.reduce((sum, byte) => sum + byte, 0), filename, mime, size, caption, width };
  }
}

/** Resolves when it is told to. */
const gate = () => {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
};

const json = { 'content-type': 'application/json' };
const parsed = (body: Buffer): unknown => JSON.parse(body.toString());

const doors = async (
  runners: Parameters<typeof serveRunners>[0],
  options?: Parameters<typeof serveRunners>[1],
): Promise<[string, Ask][]> => {
  const { app } = await serveRunners(runners, options);
  const url = await listening(app);
  return [
    ['inject', throughInject(app)],
    ['a socket', overSocket(url)],
  ];
};

describe('both ways in give one answer', () => {
  it.each([
    ['an output', '/models/doubler/predict', json, '{"value":2}', 200],
    [
      'a charset',
      '/models/doubler/predict',
      { 'content-type': 'application/json; charset=utf-8' },
      '{"value":2}',
      200,
    ],
    ['an invalid input', '/models/doubler/predict', json, '{"value":"two"}', 400],
    ['what is no JSON', '/models/doubler/predict', json, '{', 400],
    ['no body', '/models/doubler/predict', json, '', 400],
    ['an unknown type', '/models/doubler/predict', { 'content-type': 'text/plain' }, '{"value":2}', 415],
    ['an unknown model', '/models/other/predict', json, '{"value":2}', 404],
    ['an unknown version', '/models/doubler/versions/9/predict', json, '{"value":2}', 404],
    ['a version', '/models/doubler/versions/7/predict', json, '{"value":2}', 200],
    [
      'a timeout that is none',
      '/models/doubler/predict',
      { ...json, 'x-request-timeout-ms': 'soon' },
      '1',
      400,
    ],
    ['a body that is too large', '/models/doubler/predict', json, JSON.stringify('x'.repeat(2000)), 413],
    ['bytes', '/models/reverse/predict', { 'content-type': 'application/octet-stream' }, 'abc', 200],
    ['bytes of any type', '/models/reverse/predict', { 'content-type': 'image/png' }, 'abc', 200],
    ['JSON to a runner that takes bytes', '/models/reverse/predict', json, '[1]', 200],
  ] as const)('%s', async (_, path, headers, body, status) => {
    const ways = await doors([[Doubler, { version: 7 }], Reverse], { bodyLimit: 1000 });
    const answers = await Promise.all(ways.map(([, ask]) => ask(path, { headers: { ...headers }, body })));
    const [first, second] = answers.map((answer) => ({
      status: answer.status,
      type: answer.headers['content-type'],
      body: answer.body.toString(),
    }));
    expect(first?.status).toBe(status);
    expect(second).toEqual(first);
  });
});

describe('models by name and version', () => {
  it('the newest version answers for the name, each other for its own', async () => {
    const runners = [
      [Doubler, { name: 'times', version: 2 }],
      [Tripler, { name: 'times', version: 10 }],
    ] as const;
    for (const [way, ask] of await doors(runners)) {
      const result = async (path: string) =>
        parsed((await ask(path, { headers: json, body: '{"value":1}' })).body);
      expect(await result('/models/times/predict'), way).toEqual({ result: 3 });
      expect(await result('/models/times/versions/2/predict'), way).toEqual({ result: 2 });
      expect(await result('/models/times/versions/10/predict'), way).toEqual({ result: 3 });
      expect((await ask('/predict', { headers: json, body: '{}' })).status, way).toBe(404);
    }
  });

  it('a name may need encoding in a URL', async () => {
    for (const [, ask] of await doors([[Doubler, { name: 'a b/ü' }]])) {
      const path = `/models/${encodeURIComponent('a b/ü')}/predict`;
      expect((await ask(path, { headers: json, body: '{"value":1}' })).status).toBe(200);
    }
  });

  it.each([
    ['two of one name', [Doubler, Doubler], /two models have the name "doubler"/],
    [
      'a version beside none',
      [Doubler, [Tripler, { name: 'doubler', version: 1 }]],
      /and not both a version/,
    ],
    ['an empty name', [[Doubler, { name: '' }]], /name of a model is empty/],
    ['a version that is no number', [[Doubler, { version: 1.5 }]], /`version` of "doubler" is 1.5/],
    ['an unknown option', [[Doubler, { quue: 1 }]], /no such option/],
  ] as const)('refuses %s', async (_, runners, message) => {
    await expect(serveRunners(runners as never)).rejects.toThrow(message);
  });
});

describe('an error', () => {
  it.each([
    ['that the logger cannot take', new Error('no'), 500, 'RW_STAGE_FAILED'],
    [
      'that JSON cannot hold',
      new ValidationError('input', [{ path: 1n, constraint: 'a', message: 'b', received: 'c' } as never]),
      400,
      'RW_INPUT_INVALID',
    ],
  ])('%s is answered all the same', async (_, thrown, status, code) => {
    @Runner({ name: 'odd' })
    class Odd {
      @Preprocess({ input: Unvalidated }) preprocess(): never {
        throw thrown;
      }
      @Predict({ output: Unvalidated }) predict(): number {
        return 1;
      }
    }
    const fail = (): never => {
      throw new Error('no space left');
    };
    const { app } = await serveRunners([Odd], {
      logger: { debug: fail, info: fail, warn: fail, error: fail },
    });
    for (const ask of [throughInject(app), overSocket(await listening(app))]) {
      const answer = await ask('/predict', { headers: json, body: '1' });
      expect(answer.status).toBe(status);
      expect(JSON.parse(answer.body.toString())).toMatchObject({ code, issues: [] });
    }
  });
});

describe('streams', () => {
  it('are server-sent events for who asks for them, with an explicit end', async () => {
    for (const [, ask] of await doors([Counter])) {
      const { body, headers } = await ask('/predict', {
        headers: { ...json, accept: 'text/event-stream' },
        body: '2',
      });
      expect(headers['content-type']).toMatch(/^text\/event-stream/);
      expect(body.toString()).toBe(
        'event: item\ndata: 1\n\nevent: item\ndata: 2\n\nevent: end\ndata: {"items":2}\n\n',
      );
    }
  });

  it.each([
    ['text/event-stream', 'sse'],
    ['application/x-ndjson, text/event-stream', 'ndjson'],
    ['text/event-stream, application/x-ndjson', 'sse'],
    ['text/event-stream;q=0.1, application/x-ndjson', 'ndjson'],
    ['text/event-stream;q=0', 'ndjson'],
    ['TEXT/EVENT-STREAM', 'sse'],
    ['text/*', 'sse'],
    ['*/*', 'ndjson'],
    ['text/html', 'ndjson'],
    ['', 'ndjson'],
    [';;,=q', 'ndjson'],
  ])('have the form that the caller likes best: %s', async (accept, form) => {
    for (const [, ask] of await doors([Counter])) {
      const { headers } = await ask('/predict', { headers: { ...json, accept }, body: '1' });
      const type = form === 'sse' ? 'text/event-stream' : 'application/x-ndjson';
      expect(headers['content-type']).toBe(`${type}; charset=utf-8`);
    }
  });

  it('end with an error event where they break off', async () => {
    for (const [, ask] of await doors([Counter])) {
      const { body } = await ask('/predict', {
        headers: { ...json, accept: 'text/event-stream' },
        body: '9',
      });
      const events = body.toString().trimEnd().split('\n\n');
      expect(events).toHaveLength(4);
      expect(events[3]).toMatch(/^event: error\ndata: \{"error":.*"code":"RW_STAGE_FAILED"/);
      expect(body.toString()).not.toContain('4711');
    }
  });

  it('hold their place in the model until they have ended', async () => {
    const steps = gate();
    @Runner({ name: 'slow-stream' })
    class SlowStream {
      @Predict({ input: Unvalidated, output: Unvalidated }) async *predict() {
        yield 1;
        await steps.opened;
        yield 2;
      }
    }
    const { app } = await serveRunners([[SlowStream, { concurrency: 1, queue: 0 }]]);
    const url = await listening(app);
    const post = () => fetch(`${url}/predict`, { method: 'POST', headers: json, body: '1' });
    const first = await post();
    expect((await post()).status).toBe(429);
    steps.open();
    expect(await first.text()).toContain('"end"');
    expect((await post()).status).toBe(200);
  });

  it('a client that leaves ends the generator and frees its place', async () => {
    const ended = gate();
    @Runner({ name: 'endless' })
    class Endless {
      @Predict({ input: Unvalidated, output: Unvalidated }) async *predict() {
        try {
          for (let n = 0; ; n++) {
            await new Promise((resolve) => setTimeout(resolve, 1));
            yield n;
          }
        } finally {
          ended.open();
        }
      }
    }
    const { app } = await serveRunners([[Endless, { concurrency: 1, queue: 0 }]]);
    const url = await listening(app);
    const controller = new AbortController();
    const response = await fetch(`${url}/predict`, {
      method: 'POST',
      headers: json,
      body: '1',
      signal: controller.signal,
    });
    expect(response.status).toBe(200);
    controller.abort();
    await ended.opened;
    const again = new AbortController();
    const second = await fetch(`${url}/predict`, {
      method: 'POST',
      headers: json,
      body: '1',
      signal: again.signal,
    });
    expect(second.status).toBe(200);
    again.abort();
  });
});

describe('forms', () => {
  const form = (parts: Record<string, string | Blob>): FormData => {
    const data = new FormData();
    for (const [name, value] of Object.entries(parts)) {
      if (typeof value === 'string') data.append(name, value);
      else data.append(name, value, `../${name}.png`);
    }
    return data;
  };
  const png = (length: number) => new Blob([new Uint8Array(length).fill(1)], { type: 'image/png' });
  const serve = async () => {
    const uploadDirectory = await mkdtemp(join(tmpdir(), 'runwright-forms-'));
    onTestFinished(() => rm(uploadDirectory, { recursive: true }));
    const { app } = await serveRunners([Pictures], { uploadDirectory, fileLimit: 1_000_000 });
    const url = await listening(app);
    const stored = () =>
      readdirSync(uploadDirectory, { recursive: true }).filter((name) => String(name).includes('/'));
    const post = async (body: FormData) => {
      const response = await fetch(`${url}/predict`, { method: 'POST', body });
      return { status: response.status, body: (await response.json()) as { issues?: object[] } };
    };
    return { post, stored, url };
  };

  it('a file reaches the stage as a path, the other fields as what their rules ask for', async () => {
    const { post, stored } = await serve();
    const answer = await post(form({ caption: '12', width: '34', image: png(70_000) }));
    expect(answer).toEqual({
      status: 200,
      body: { sum: 70_000, filename: 'image.png', mime: 'image/png', size: 70_000, caption: '12', width: 34 },
    });
    await expect.poll(stored).toEqual([]);
  });

  it.each([
    [
      'a file that is too large',
      { caption: 'a', image: png(100_001) },
      413,
      { path: 'image', constraint: 'maxBytes' },
    ],
    [
      'a file of another type',
      { caption: 'a', image: new Blob(['a'], { type: 'text/plain' }) },
      400,
      { path: 'image' },
    ],
    ['a file for a text', { caption: png(1), image: png(1) }, 400, { path: 'caption', constraint: 'noFile' }],
    ['a text for a file', { caption: 'a', image: 'text' }, 400, { path: 'image', constraint: 'isFile' }],
    ['a missing file', { caption: 'a' }, 400, { path: 'image' }],
    [
      'a number that is none',
      { caption: 'a', image: png(1), width: 'wide' },
      400,
      { path: 'width', constraint: 'isInt' },
    ],
    ['an unknown field', { caption: 'a', image: png(1), other: 'x' }, 400, { path: 'other' }],
  ] as const)('refuses %s, and keeps nothing', async (_, parts, status, issue) => {
    const { post, stored } = await serve();
    const answer = await post(form(parts));
    expect(answer.status).toBe(status);
    expect(answer.body.issues).toContainEqual(expect.objectContaining(issue));
    await expect.poll(stored).toEqual([]);
  });

  it('JSON cannot name a file of the server', async () => {
    const { url } = await serve();
    const image = { path: '/etc/passwd', filename: 'a.png', mime: 'image/png', size: 1 };
    const response = await fetch(`${url}/predict`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ caption: 'a', image }),
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('multipart/form-data');
  });

  it('a form that breaks off leaves nothing', async () => {
    const { stored, url } = await serve();
    const boundary = 'xyz';
    const head = `--${boundary}\r\ncontent-disposition: form-data; name="image"; filename="a.png"\r\ncontent-type: image/png\r\n\r\n`;
    const response = await fetch(`${url}/predict`, {
      method: 'POST',
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
      body: `${head}abc`,
    });
    expect(response.status).toBe(400);
    await expect.poll(stored).toEqual([]);
  });
});

describe('the queue of a model', () => {
  it('refuses with 429 and Retry-After what does not fit, by both ways in', async () => {
    const release = gate();
    @Runner({ name: 'slow' })
    class Slow {
      @Predict({ input: Unvalidated, output: Unvalidated }) async predict(_model: unknown, value: unknown) {
        await release.opened;
        return value;
      }
    }
    const { app } = await serveRunners([[Slow, { concurrency: 1, queue: 1 }]]);
    const url = await listening(app);
    const inside = [1, 2].map((value) => overSocket(url)('/predict', { headers: json, body: String(value) }));
    await expect
      .poll(async () => (await overSocket(url)('/predict', { headers: json, body: '3' })).status)
      .toBe(429);
    for (const ask of [overSocket(url), throughInject(app)]) {
      const { status, headers, body } = await ask('/predict', { headers: json, body: '3' });
      expect(status).toBe(429);
      expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
      expect(parsed(body)).toMatchObject({ code: 'RW_QUEUE_FULL', issues: [] });
    }
    release.open();
    expect((await Promise.all(inside)).map(({ body }) => parsed(body))).toEqual([1, 2]);
  });

  it('a deadline answers 504, fires the signal, and drops what has not begun', async () => {
    const began: unknown[] = [];
    const aborted: unknown[] = [];
    @Runner({ name: 'stuck' })
    class Stuck {
      @Predict({ input: Unvalidated, output: Unvalidated })
      async predict(_model: unknown, value: unknown, { signal }: RunContext) {
        began.push(value);
        await once(signal, 'abort');
        aborted.push(value);
        return value;
      }
    }
    const { app } = await serveRunners([[Stuck, { concurrency: 1 }]]);
    const url = await listening(app);
    const ask = (value: number, timeout: number) =>
      overSocket(url)('/predict', {
        headers: { ...json, 'x-request-timeout-ms': String(timeout) },
        body: String(value),
      });
    const first = ask(1, 300);
    await expect.poll(() => began).toEqual([1]);
    const [late, running] = await Promise.all([ask(2, 50), first]);
    for (const { status, body } of [late, running]) {
      expect(status).toBe(504);
      expect(parsed(body)).toMatchObject({ code: 'RW_DEADLINE' });
    }
    expect(began).toEqual([1]);
    expect(aborted).toEqual([1]);
  });

  it('a hook of the program is passed by nobody', async () => {
    const { app } = await serveRunners([Doubler]);
    app.addHook('onRequest', async (request, reply) => {
      if (request.headers['x-token'] !== 'ours') await reply.code(401).send({ error: 'who is there?' });
    });
    const url = await listening(app);
    for (const ask of [overSocket(url), throughInject(app)]) {
      expect((await ask('/predict', { headers: json, body: '{"value":1}' })).status).toBe(401);
      const headers = { ...json, 'x-token': 'ours' };
      expect((await ask('/predict', { headers, body: '{"value":1}' })).status).toBe(200);
    }
  });

  it('routes of the program get their JSON parsed', async () => {
    const { app } = await serveRunners([Doubler]);
    app.post('/own', (request) => ({ got: request.body }));
    const url = await listening(app);
    for (const ask of [overSocket(url), throughInject(app)]) {
      const { body } = await ask('/own', { headers: json, body: '{"a":[1]}' });
      expect(parsed(body)).toEqual({ got: { a: [1] } });
    }
  });
});
