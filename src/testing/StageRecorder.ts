import type { StageWrapper } from '../lifecycle/bindStages';
import type { StageName } from '../metadata/stages';
import type { StageRecord } from './StageRecord';

/** Notes what goes in and out of every stage, in the order in which the stages end. */
export class StageRecorder {
  private readonly list: StageRecord[] = [];

  get records(): readonly StageRecord[] {
    return this.list;
  }

  clear(): void {
    this.list.length = 0;
  }

  readonly wrap: StageWrapper = ({ stage, where }, call) => {
    return async (...args) => {
      const noted = { stage, where, input: inputOf(stage, args) };
      try {
        const output = await call(...args);
        if (stage === 'predict' && isStream(output)) return this.recorded(noted, output);
        this.list.push({ ...noted, output });
        return output;
      } catch (error) {
        this.list.push({ ...noted, error });
        throw error;
      }
    };
  };

  /** The same items; what has come out is noted as an array when the stream ends, however it ends. */
  private async *recorded(
    call: Pick<StageRecord, 'stage' | 'where' | 'input'>,
    stream: AsyncIterable<unknown>,
  ): AsyncGenerator<unknown, void, undefined> {
    const output: unknown[] = [];
    let failure: { error?: unknown } = {};
    try {
      for await (const item of stream) {
        output.push(item);
        yield item;
      }
    } catch (error) {
      failure = { error };
      throw error;
    } finally {
      this.list.push({ ...call, output, ...failure });
    }
  }
}

function isStream(output: unknown): output is AsyncIterable<unknown> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output;
}

function inputOf(stage: StageName, args: readonly unknown[]): unknown {
  if (stage === 'load') return { props: args[0], artifacts: args[1] };
  return stage === 'predict' ? args[1] : args[0];
}
