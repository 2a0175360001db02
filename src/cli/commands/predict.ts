import { addAbortSignal } from 'node:stream';
import { ioError } from '../../errors/ioError';
import { RunwrightError } from '../../errors/RunwrightError';
import type { RunnerHandle, RunOutcome } from '../../lifecycle/RunnerHandle';
import type { RunnerDescription } from '../../scanner/RunnerDefinition';
import type { CommandContext } from '../CommandContext';
import type { EntryFlags, LoadFlags } from '../EntryFlags';
import { errorDocument } from '../errorDocument';
import { EXIT, type ExitCode } from '../ExitCode';
import { formatError } from '../formatError';
import { outputText } from '../predict/outputText';
import { LineWriter } from '../predict/LineWriter';
import type { InputItem } from '../predict/InputItem';
import { findSource, type InputSource } from '../predict/findSource';
import { pumpItems } from '../predict/pumpItems';
import { readInputs } from '../predict/readInputs';
import { withOutput } from '../predict/withOutput';
import { toJson } from '../../server/exchange/toJson';
import { parseTarget } from '../Target';
import { usageError } from '../usageError';
import { withHandle } from '../withHandle';
import { withProgress } from '../withProgress';

export interface PredictFlags extends EntryFlags, LoadFlags {
  readonly data?: string;
  readonly input?: string;
  readonly output?: string;
  readonly strict?: boolean;
}

type Write = (text: string) => Promise<void>;

export async function predict(
  model: string,
  flags: PredictFlags,
  context: CommandContext,
): Promise<ExitCode> {
  const { terminal } = context;
  const { data, input, output } = flags;
  if ((data === undefined) === (input === undefined)) {
    throw usageError(
      'runwright predict',
      data === undefined ? 'there is no input' : '--data and --input are given both',
      'Give one value with --data \'{"a": 1}\', or a file with --input rows.jsonl; --input - reads stdin',
    );
  }
  const value = data === undefined ? undefined : parseData(data);
  const source = input === undefined ? undefined : await findSource(input);
  return withHandle(parseTarget(model), flags, context, (handle) => {
    const run = (write: Write): Promise<ExitCode> =>
      source === undefined
        ? runOne(handle, value, write, context)
        : runStream(handle, source, flags, write, context);
    return output === undefined ? run((text) => terminal.write(text)) : withOutput(output, run);
  });
}

/** A failure is thrown: it is the failure of the command. With --json a stream is one line, as every input is. */
async function runOne(
  handle: RunnerHandle,
  value: unknown,
  write: Write,
  { signal, terminal }: CommandContext,
): Promise<ExitCode> {
  const { definition } = handle;
  if (!definition.stream) {
    await write(`${toJson(await handle.run(value, { signal }), definition)}\n`);
    return EXIT.done;
  }
  const items: unknown[] = [];
  for await (const item of handle.stream(value, { signal })) {
    if (terminal.flags.json) items.push(item);
    else await write(`${toJson(item, definition)}\n`);
  }
  if (terminal.flags.json) await write(`${outputText(items, definition)}\n`);
  return EXIT.done;
}

async function runStream(
  handle: RunnerHandle,
  source: InputSource,
  { output, strict = false }: PredictFlags,
  write: Write,
  context: CommandContext,
): Promise<ExitCode> {
  const { terminal, signal } = context;
  const stream = addAbortSignal(signal, source.open());
  const lines = new LineWriter(write);
  let failed = 0;
  let count = 0;
  const emit = async (item: InputItem, result: RunOutcome<unknown>): Promise<void> => {
    count += 1;
    const outcome = asText(result, handle.definition);
    if (outcome.ok) return lines.write(`${outcome.value}\n`);
    if (outcome.error.code === 'RW_ABORTED') throw outcome.error;
    const document = `${JSON.stringify(errorDocument(outcome.error))}\n`;
    if (strict) {
      if (terminal.flags.json) await lines.write(document);
      throw atLine(item.line, outcome.error);
    }
    failed += 1;
    terminal.complain(`line ${item.line}: ${formatError(outcome.error, terminal.flags.verbose)}`);
    await lines.write(document);
  };

  // A bar and outputs on one terminal would write over each other.
  const drawn = output !== undefined || !terminal.stdout.isTTY;
  return withProgress(
    terminal,
    async (progress) => {
      let bytes = 0;
      const chunks = measured(stream, (length) => {
        bytes += length;
        progress.update(source.size ? bytes / source.size : 0, `${count} inputs`);
      });
      try {
        const inputs = await readInputs(chunks);
        if (inputs.kind === 'document') {
          const { item } = inputs;
          if (!item.ok) throw item.error;
          return await runOne(handle, item.value, write, context);
        }
        await pumpItems(handle, inputs.groups, signal, emit, () => stream.destroy());
        await lines.end();
      } catch (error) {
        // What was answered before counts, and the first failure is the one to tell.
        await lines.end().catch(() => undefined);
        if (signal.aborted) throw stopped(signal, count);
        throw (error as NodeJS.ErrnoException).syscall === undefined
          ? error
          : ioError(error, source.name, 'read the input');
      } finally {
        stream.destroy();
      }
      if (count === 0) terminal.note('the input holds no line');
      if (failed > 0) terminal.note(`${failed} of ${count} inputs failed`);
      return failed > 0 ? EXIT.failed : EXIT.done;
    },
    drawn,
  );
}

async function* measured(
  source: AsyncIterable<Buffer>,
  onBytes: (length: number) => void,
): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    onBytes(chunk.length);
    yield chunk;
  }
}

function parseData(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw usageError('--data', 'it is not JSON', `Quote it for the shell, as in --data '{"a": 1}'`, cause);
  }
}

/** An output that is no JSON is the failure of its line. */
function asText(outcome: RunOutcome<unknown>, definition: RunnerDescription): RunOutcome<string> {
  if (!outcome.ok) return outcome;
  try {
    return { ok: true, value: outputText(outcome.value, definition) };
  } catch (error) {
    if (RunwrightError.is(error)) return { ok: false, error };
    throw error;
  }
}

function atLine(number: number, error: RunwrightError): RunwrightError {
  const { code, what, hint, where } = error;
  const place = `line ${number}${where === undefined ? '' : ` (${where})`}`;
  return Object.assign(new RunwrightError(code, { where: place, what, hint, cause: error }), {
    issues: (error as { issues?: unknown }).issues,
  });
}

function stopped({ reason }: AbortSignal, count: number): RunwrightError {
  return new RunwrightError('RW_ABORTED', {
    where: 'runwright predict',
    what: `it was stopped after ${count} inputs`,
    hint: 'Run it again; what was written before stands',
    cause: reason,
  });
}
