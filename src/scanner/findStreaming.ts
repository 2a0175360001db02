import type { Constructor } from '../metadata/Constructor';
import type { DeclaredStages } from './collectStages';
import type { FaultList } from './FaultList';

/** Whether predict streams: the option says so, or the method is a generator. A return type never decides. */
export function findStreaming(runnerClass: Constructor, stages: DeclaredStages, faults: FaultList): boolean {
  const predict = stages.predict;
  if (!predict) return false;
  const owner = (predict.static ? runnerClass : runnerClass.prototype) as Record<string | symbol, unknown>;
  const kind = predict.kind === 'method' ? Object.prototype.toString.call(owner[predict.member]) : '';
  const generator = kind === '[object AsyncGeneratorFunction]' || kind === '[object GeneratorFunction]';
  const { stream, batch } = predict.options;
  if (generator && stream === false) {
    faults.add(
      predict.member,
      'a generator is declared with `stream: false`',
      'Leave `stream` out, or return one value',
    );
  }
  if (batch !== undefined && (stream === true || generator)) {
    faults.add(
      predict.member,
      'batch and stream are asked for together',
      'Choose one: a batch is answered at once',
    );
  }
  return stream === true || generator;
}
