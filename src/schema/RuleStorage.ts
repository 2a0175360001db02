import type { MetadataStorage, ValidationArguments } from 'class-validator';
import { getMetadataStorage } from './classValidator';
import { RuleThrewError } from './RuleThrewError';
import { safeMessage } from './safeMessage';

/** One rule of one property, as class-validator keeps it. */
export type Rule = ReturnType<MetadataStorage['getTargetValidationMetadatas']>[number];
type Constraint = ReturnType<MetadataStorage['getTargetValidatorConstraints']>[number];
type GroupedRules = Record<string, Rule[]>;

/**
 * class-validator's metadata by class, each class asked for once.
 *
 * Its own storage walks every decorated class of the process for every object that is validated, and searches a list of
 * all constraints for every rule. It also echoes values in messages: the rules given out here do not. The methods are
 * those that a `ValidationExecutor` calls; the user's storage is only read.
 */
export class RuleStorage implements Pick<
  MetadataStorage,
  | 'hasValidationMetaData'
  | 'getTargetValidationMetadatas'
  | 'groupByPropertyName'
  | 'getTargetValidatorConstraints'
> {
  readonly hasValidationMetaData = true;
  private readonly storage = getMetadataStorage();
  private readonly rules = new WeakMap<object, Rule[]>();
  private readonly grouped = new WeakMap<readonly Rule[], GroupedRules>();
  private readonly constraints = new WeakMap<object, Constraint[]>();

  getTargetValidationMetadatas(type: unknown): Rule[] {
    if (typeof type !== 'function') return [];
    let rules = this.rules.get(type);
    if (rules === undefined) {
      rules = this.storage.getTargetValidationMetadatas(type, '', false, false).map(withSafeMessage);
      this.rules.set(type, rules);
    }
    return rules;
  }

  groupByPropertyName(rules: Rule[]): GroupedRules {
    let grouped = this.grouped.get(rules);
    if (grouped === undefined) {
      // Without a prototype: keys of the input are looked up in it.
      grouped = Object.assign(Object.create(null) as GroupedRules, this.storage.groupByPropertyName(rules));
      this.grouped.set(rules, grouped);
    }
    return grouped;
  }

  getTargetValidatorConstraints(target: Constraint['target']): Constraint[] {
    let constraints = this.constraints.get(target);
    if (constraints === undefined) {
      constraints = this.storage.getTargetValidatorConstraints(target).map(withSafeInstance);
      this.constraints.set(target, constraints);
    }
    return constraints;
  }
}

function withSafeMessage(rule: Rule): Rule {
  const copy = Object.assign(Object.create(Object.getPrototypeOf(rule) as object) as Rule, rule);
  const { message } = rule;
  if (message) copy.message = (args: ValidationArguments) => safeMessage(message, args);
  return copy;
}

function withSafeInstance(constraint: Constraint): Constraint {
  const { target, name, async } = constraint;
  // Made by a decorator out of a plain function: no container has a say in which instance it is.
  const made = target.name === 'CustomConstraint' ? safeInstance(constraint.instance, name) : undefined;
  return {
    target,
    name,
    async,
    get instance() {
      return made ?? safeInstance(constraint.instance, name);
    },
  };
}

type ConstraintInstance = Constraint['instance'];

function safeInstance(instance: ConstraintInstance, name: string): Required<ConstraintInstance> {
  const message = (args: ValidationArguments) => instance.defaultMessage?.(args) ?? '';
  return {
    validate(value: unknown, args: ValidationArguments) {
      const fail = (thrown: unknown): never => {
        throw new RuleThrewError(name, args, thrown);
      };
      try {
        const valid: unknown = instance.validate(value, args);
        return isPromise(valid) ? valid.then(Boolean, fail) : Boolean(valid);
      } catch (thrown) {
        return fail(thrown);
      }
    },
    defaultMessage: (args: ValidationArguments) => safeMessage(message, args),
  };
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
