import type { Constructor } from '../metadata/Constructor';
import { decoratorName } from '../metadata/decoratorName';
import { readStage } from '../metadata/stageMetadata';
import { STAGES, type StageName } from '../metadata/stages';
import { classChain } from './classChain';
import type { DeclaredStage } from './DeclaredStage';
import type { FaultList } from './FaultList';
import { optionsOf } from './optionsOf';

export type DeclaredStages = Partial<Record<StageName, DeclaredStage>>;

/** The declaration that counts for each stage: the most derived class's. */
export function collectStages(runnerClass: Constructor, faults: FaultList): DeclaredStages {
  const stages: DeclaredStages = {};
  for (const declaredBy of classChain(runnerClass)) {
    for (const stage of STAGES) {
      const declarations = readStage(declaredBy, stage);
      if (declarations.length > 1) {
        const members = declarations.map(({ member }) => String(member)).join('`, `');
        faults.add(
          undefined,
          `more than one method is the ${stage} stage: \`${members}\``,
          `Keep ${decoratorName(stage)} on one of them`,
        );
      }
      const declaration = declarations[0];
      if (declaration) stages[stage] = { ...declaration, declaredBy };
    }
  }
  for (const stage of STAGES) {
    const declared = stages[stage];
    if (!declared) continue;
    checkMember(runnerClass, stage, declared, faults);
    const options = optionsOf(declared.options, decoratorName(stage), declared.member, faults);
    stages[stage] = { ...declared, options };
  }
  checkCollisions(stages, faults);
  return stages;
}

function checkMember(
  runnerClass: Constructor,
  stage: StageName,
  { member, static: isStatic, kind }: DeclaredStage,
  faults: FaultList,
): void {
  const decorator = decoratorName(stage);
  if (kind !== 'method') {
    const received = kind === 'accessor' ? 'a getter or setter' : 'a property';
    faults.add(member, `${decorator} is on ${received}`, 'Make it a method');
    return;
  }
  // The descriptor, not the value: reading a getter would run the user's code.
  const descriptor = findDescriptor(isStatic ? runnerClass : runnerClass.prototype, member);
  if (typeof descriptor?.value !== 'function') {
    faults.add(
      member,
      `the ${stage} stage is overridden by something that is not a method`,
      `Override it with a method, or put ${decorator} on another one`,
    );
  }
}

function findDescriptor(start: unknown, member: string | symbol): PropertyDescriptor | undefined {
  for (
    let owner = start;
    typeof owner === 'object' || typeof owner === 'function';
    owner = Object.getPrototypeOf(owner)
  ) {
    if (owner === null) return undefined;
    const descriptor = Object.getOwnPropertyDescriptor(owner, member);
    if (descriptor) return descriptor;
  }
  return undefined;
}

function checkCollisions(stages: DeclaredStages, faults: FaultList): void {
  const owners = new Map<string | symbol, { stage: StageName; static: boolean }[]>();
  for (const stage of STAGES) {
    const declared = stages[stage];
    if (!declared) continue;
    const sharing = owners.get(declared.member) ?? [];
    const other = sharing.find((owner) => owner.static === declared.static);
    if (other) {
      faults.add(
        declared.member,
        `one method is both the ${other.stage} and the ${stage} stage`,
        'Give each stage a method with a name of its own (an inherited stage counts under its method name)',
      );
    }
    owners.set(declared.member, [...sharing, { stage, static: declared.static }]);
  }
}
