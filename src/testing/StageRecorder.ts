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
      const input = inputOf(stage, args);
      try {
        const output = await call(...args);
        this.list.push({ stage, where, input, output });
        return output;
      } catch (error) {
        this.list.push({ stage, where, input, error });
        throw error;
      }
    };
  };
}

function inputOf(stage: StageName, args: readonly unknown[]): unknown {
  if (stage === 'load') return { props: args[0], artifacts: args[1] };
  return stage === 'predict' ? args[1] : args[0];
}
