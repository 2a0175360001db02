import { execFile } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { createRunner } from '../../src/lifecycle/createRunner';
import type { TensorType } from '../../src/schema/TensorType';
import { createServer } from '../../src/server';
import { echoOf, NestedEcho, Scorer } from '../integration/oipRunners';
import { requireProgram } from './requireProgram';

const PYTHON = process.env.RUNWRIGHT_PYTHON ?? 'python3';
const DATATYPES: Readonly<Partial<Record<TensorType, string>>> = {
  bool: 'BOOL',
  uint8: 'UINT8',
  uint16: 'UINT16',
  uint32: 'UINT32',
  uint64: 'UINT64',
  int8: 'INT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  float16: 'FP16',
  float32: 'FP32',
  float64: 'FP64',
  string: 'BYTES',
};

const suite = requireProgram(
  PYTHON,
  ['-c', 'import tritonclient.http'],
  `tritonclient[http] of ${PYTHON} (RUNWRIGHT_PYTHON)`,
);

/** What `tritonclientChecks.py` found out. */
interface Facts {
  readonly infer: Readonly<Record<string, unknown>>;
  readonly datatypes: Readonly<Record<string, boolean>>;
  readonly errors: Readonly<Record<string, { status: string; message: string } | null>>;
  readonly compressed: readonly boolean[];
  readonly [key: string]: unknown;
}

suite('an unmodified tritonclient.http', () => {
  let facts: Facts;

  beforeAll(async () => {
    const echoes = Object.entries(DATATYPES).map(([dtype, name]) => echoOf(dtype as TensorType, name));
    const handles = await Promise.all([Scorer, NestedEcho, ...echoes].map((runner) => createRunner(runner)));
    const versioned = await createRunner(Scorer);
    const app = await createServer([...handles, { handle: versioned, name: 'versioned', version: 3 }]);
    try {
      await app.listen({ port: 0, host: '127.0.0.1' });
      const { port } = app.server.address() as AddressInfo;
      const script = join(__dirname, 'tritonclientChecks.py');
      const { stdout } = await promisify(execFile)(PYTHON, [script, `127.0.0.1:${port}`], {
        timeout: 100_000,
      });
      facts = JSON.parse(stdout) as Facts;
    } finally {
      await app.close();
      await Promise.all([...handles, versioned].map((handle) => handle.close()));
    }
  });

  it('finds the server and its models ready', () => {
    expect(facts).toMatchObject({ live: true, ready: true, modelReady: true, otherReady: false });
  });

  it('reads metadata and the repository index', () => {
    expect(facts).toMatchObject({
      server: { name: 'runwright', extensions: expect.arrayContaining(['binary_tensor_data']) as string[] },
      model: {
        name: 'scorer',
        inputs: [
          { name: 'features', datatype: 'FP32', shape: [-1, 4] },
          { name: 'scale', datatype: 'INT64', shape: [-1] },
        ],
      },
    });
    expect(facts.index).toContainEqual({ name: 'versioned', version: '3', state: 'READY', reason: '' });
  });

  const rows = { scores: [3, 7, 56, 15], label: ['high', 'low'], best: [1, 0] };

  it('infers in JSON and in binary, each way, with all outputs and with those that it names', () => {
    const forms = ['True None', 'True True', 'True False', 'False None', 'False True', 'False False'];
    expect(facts.infer).toEqual(Object.fromEntries(forms.map((form) => [form, rows])));
    expect(facts).toMatchObject({ id: '7', versioned: rows, afterwards: rows });
    expect(facts.scaled).toMatchObject({ scores: [30, 70, 5600, 1500] });
  });

  it('compresses by gzip and deflate, each way', () => {
    expect(facts.compressed).toEqual(new Array(18).fill(true));
  });

  it('gets every datatype back as it sent it, at its limits', () => {
    const names = Object.values(DATATYPES);
    const asJson = names.filter((name) => !name.startsWith('FP')).map((name) => `${name} as JSON`);
    expect(facts.datatypes).toEqual(Object.fromEntries([...names, ...asJson].map((name) => [name, true])));
  });

  it('infers many requests at once, and through its client on aiohttp', () => {
    expect(facts.aio).toBe(true);
    expect(facts.asynchronous).toEqual(new Array(20).fill(rows.best));
  });

  it('reads our errors', () => {
    const found = Object.fromEntries(
      Object.entries(facts.errors).map(([name, error]) => [name, [error?.status, error?.message]]),
    );
    const says = (text: string) => expect.stringContaining(text) as string;
    expect(found).toEqual({
      'unknown model': ['404', says('there is no model "none"')],
      'unknown version': ['404', says('no version "4"')],
      'wrong type': ['400', says('inputs[0].datatype: must be FP32')],
      'wrong shape': ['400', says('inputs[0].shape: must have 2 dimensions')],
      'unknown input': ['400', says('inputs[0].name: must be the name of an input')],
      'failing row': ['500', says('the runner failed')],
      compressed: ['400', says('inputs[0].name')],
      'no tensors': ['404', says('no tensor can carry `inner`')],
      load: ['403', says('clients may not load models here')],
      unload: ['403', says('clients may not unload models here')],
    });
  });
});
