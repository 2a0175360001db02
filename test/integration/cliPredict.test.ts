import { readdir, readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliProject } from './cliProcess';

const ADDER = ['predict', './adder.runner.ts', '--model', 'model'];

let project: CliProject;
beforeAll(async () => {
  project = await CliProject.create();
});
afterAll(() => project.remove());

const linesOf = (text: string): unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

const BAD = {
  error: expect.any(String) as string,
  code: 'RW_INPUT_INVALID',
  issues: [expect.objectContaining({ received: expect.any(String) as string })],
};

describe('one value', () => {
  it('--data prints the output, and what the runner prints goes to stderr', async () => {
    const { code, stdout, stderr } = await project.run([...ADDER, '--data', '{"value":2}']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"result":42}\n' });
    expect(stderr).toContain('a runner prints what it likes');
  });

  it('a value that is refused is exit code 1, with every issue', async () => {
    const refused = await project.run([...ADDER, '--data', '{"value":"private"}']);
    expect(refused.code).toBe(1);
    expect(refused.stdout).toBe('');
    expect(refused.stderr).toMatch(/error: the input is not valid \[RW_INPUT_INVALID\]\n(.*\n)* +- value: /);
    expect(refused.stderr).not.toContain('private');
    const { stdout } = await project.run([...ADDER, '--data', '{"value":"x"}', '--json']);
    expect(linesOf(stdout)).toEqual([BAD]);
  });

  it('a document over several lines is one value', async () => {
    const document = JSON.stringify({ value: 1 }, null, 2);
    expect(await project.run([...ADDER, '--input', '-'], document)).toMatchObject({
      code: 0,
      stdout: '{"result":41}\n',
    });
    const broken = await project.run([...ADDER, '--input', '-'], document.slice(0, -1));
    expect(broken.code).toBe(1);
    expect(broken.stderr.match(/error: /g)).toHaveLength(1);
  });

  it('each item of a stream is a line; of JSON Lines each input is one', async () => {
    const stream = ['predict', './stream.runner.ts'];
    expect((await project.run([...stream, '--data', '3'])).stdout).toBe('1\n2\n3\n');
    expect((await project.run([...stream, '--input', '-'], '2\n0\n1\n')).stdout).toBe('[1,2]\n[]\n[1]\n');
    // With --json every input is one line.
    expect((await project.run([...stream, '--data', '3', '--json'])).stdout).toBe('[1,2,3]\n');
  });
});

describe('JSON Lines', () => {
  it('one line for each input, in order; bad ones are told by number and do not stop', async () => {
    const input = '{"value":1}\n{"value":"x"}\n\nnot json\n{"value":4}';
    for (const flags of [[], ['--json']]) {
      const { code, stdout, stderr } = await project.run([...ADDER, '--input', '-', ...flags], input);
      expect(code).toBe(1);
      expect(linesOf(stdout)).toEqual([{ result: 41 }, BAD, BAD, { result: 44 }]);
      expect(stderr).toMatch(/^line 2: error: /m);
      expect(stderr).toMatch(/^line 4: error: /m);
      expect(stderr).toContain('2 of 4 inputs failed');
    }
  });

  it('--strict stops at the first bad line', async () => {
    const input = '{"value":1}\n{"value":"x"}\n{"value":3}\n';
    const { code, stdout, stderr } = await project.run([...ADDER, '--input', '-', '--strict'], input);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '{"result":41}\n' });
    expect(stderr).toContain('where: line 2');
  });

  it('--strict --json prints that line too', async () => {
    const flags = ['--input', '-', '--strict', '--json'];
    const second = await project.run([...ADDER, ...flags], '{"value":1}\n{"value":"x"}\n{"value":3}\n');
    expect([second.code, linesOf(second.stdout)]).toEqual([1, [{ result: 41 }, BAD]]);
    const first = await project.run([...ADDER, ...flags], '{"value":"x"}\n{"value":3}\n');
    expect([first.code, linesOf(first.stdout)]).toEqual([1, [BAD]]);
  });

  it('--strict does not wait for lines that have not come', async () => {
    const { child, ended } = project.start([...ADDER, '--input', '-', '--strict']);
    child.stdin.write('nonsense\n');
    expect((await ended).code).toBe(1);
  });

  it('an answer comes before the next line is there', async () => {
    const { child, ended, shows } = project.start([...ADDER, '--input', '-']);
    child.stdin.write('{"value":1}\n');
    await shows('stdout', '{"result":41}\n');
    child.stdin.write('{"value":2}\n');
    await shows('stdout', '{"result":42}\n');
    child.stdin.end();
    expect((await ended).code).toBe(0);
  });

  it('many lines through a batched predict keep their order', async () => {
    await writeFile(
      project.path('rows.jsonl'),
      Array.from({ length: 5000 }, (_, row) => `${row}\n`).join(''),
    );
    const args = ['predict', './batch.runner.ts', '--input', 'rows.jsonl', '--output', 'answers.jsonl'];
    const { code, stdout } = await project.run(args);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    const answers = linesOf(await readFile(project.path('answers.jsonl'), 'utf8')) as {
      value: number;
      of: number;
    }[];
    expect(answers.map(({ value }) => value)).toEqual(Array.from({ length: 5000 }, (_, row) => row));
    expect(Math.max(...answers.map(({ of }) => of))).toBe(4);
  });

  it('no line at all is no failure', async () => {
    const { code, stdout } = await project.run([...ADDER, '--input', '-'], '\n\n');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  });
});

describe('--output', () => {
  it('with --strict nothing stands at the name unless all went well', async () => {
    const args = [...ADDER, '--input', '-', '--strict', '--output', 'strict.jsonl'];
    expect((await project.run(args, '{"value":1}\nx\n')).code).toBe(1);
    expect((await readdir(project.directory)).filter((name) => name.includes('strict'))).toEqual([]);
    expect((await project.run(args, '{"value":1}\n')).code).toBe(0);
    expect(await readFile(project.path('strict.jsonl'), 'utf8')).toBe('{"result":41}\n');
  });

  it.each([
    ['a folder that is not there', 'nowhere/out.jsonl'],
    ['a folder', '.'],
  ])('%s is exit code 1', async (_, output) => {
    const { code, stderr } = await project.run([...ADDER, '--data', '{"value":1}', '--output', output]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/RW_IO.*\n.*\n +fix: /);
  });

  it('an input that is not there is found before the runner is loaded', async () => {
    const { code, stderr } = await project.run(['predict', './nowhere.ts', '--input', 'nowhere.jsonl']);
    expect(code).toBe(1);
    expect(stderr).toContain('nowhere.jsonl');
  });
});

it('a reader that leaves is no failure', async () => {
  const { child, ended, shows } = project.start([...ADDER, '--input', '-']);
  child.stdin.write('{"value":1}\n');
  await shows('stdout', 'result');
  child.stdout.destroy();
  // Many lines: a pipe takes some before it says that nobody reads.
  for (let row = 0; row < 2000; row++) child.stdin.write('{"value":1}\n');
  const { code, stderr } = await ended;
  expect(code).toBe(0);
  expect(stderr).not.toContain('error');
});

it('a runner that never answers does not pass for done', async () => {
  await writeFile(
    project.path('never.runner.ts'),
    `import { Predict, Runner, Unvalidated } from 'runwright';
     @Runner() export class Never {
       @Predict({ input: Unvalidated, output: Unvalidated }) predict() { return new Promise(() => undefined); }
     }`,
  );
  const { code, stderr } = await project.run(['predict', './never.runner.ts', '--data', '1']);
  expect(code).toBe(1);
  expect(stderr).toContain('never settle');
  expect(stderr).toContain('where: runwright predict ./never.runner.ts');
  const { stdout } = await project.run(['predict', './never.runner.ts', '--data', '1', '--json']);
  expect(linesOf(stdout)).toMatchObject([{ error: expect.stringContaining('never.runner.ts') as string }]);
});

const runnerText = (body: string, before = ''): string =>
  `import { Predict, Runner, Unvalidated } from 'runwright';
   ${before}
   @Runner() export class Odd {
     @Predict({ input: Unvalidated, output: Unvalidated }) predict(_model: unknown, input: number): unknown { ${body} }
   }`;

it.each([
  ['a stage', runnerText('process.exit(0);')],
  ['the entry', runnerText('return 1;', 'process.exit(0);')],
])('%s that ends the process does not pass for done', async (_, text) => {
  await writeFile(project.path('exit.runner.ts'), text);
  const args = ['predict', './exit.runner.ts', '--data', '1', '--json'];
  const { code, stdout, stderr } = await project.run(args);
  expect(code).toBe(1);
  expect(stderr).toContain('process.exit');
  expect(linesOf(stdout)).toMatchObject([{ error: expect.stringContaining('./exit.runner.ts') as string }]);
});

it('an output that is no JSON is the failure of its line, and what is written to stdout is no answer', async () => {
  const body = `process.stdout.write('mine'); return [1, () => 1, 1n, Symbol('a')][input];`;
  await writeFile(project.path('odd.runner.ts'), runnerText(body));
  const { code, stdout, stderr } = await project.run(
    ['predict', './odd.runner.ts', '--input', '-'],
    '0\n1\n2\n3\n0\n',
  );
  expect(code).toBe(1);
  const odd = expect.objectContaining({ code: 'RW_OUTPUT_INVALID' }) as unknown;
  expect(linesOf(stdout)).toEqual([1, odd, odd, odd, 1]);
  expect(stderr).toContain('where: Odd.predict');
  expect(stderr).toContain('mine');
});
