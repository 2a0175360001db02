import { decoratorName } from '../metadata/decoratorName';
import type { StageOptions } from '../metadata/options';
import { requireReflect } from '../metadata/requireReflect';
import { writeStage } from '../metadata/stageMetadata';
import type { StageName } from '../metadata/stages';
import { refuseTc39 } from './refuseTc39';

/** Makes the decorator of one stage: it only writes its own metadata; every judgement is the scanner's. */
export function stageDecorator(stage: StageName, options: StageOptions = {}) {
  const name = decoratorName(stage);
  return (target: object, member: string | symbol, descriptor?: PropertyDescriptor): void => {
    refuseTc39(name, member);
    const isStatic = typeof target === 'function';
    const owner = isStatic ? target : target.constructor;
    requireReflect(`${name} on ${owner.name}.${String(member)}`);
    writeStage(owner, stage, {
      member,
      static: isStatic,
      kind: descriptor === undefined ? 'property' : descriptor.get || descriptor.set ? 'accessor' : 'method',
      options,
    });
  };
}
