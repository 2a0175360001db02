import { readEmittedParameterTypes } from '../metadata/emittedTypes';
import type { ResolvedTypeRef, TypeRef } from '../metadata/TypeRef';
import { createSchema } from '../schema/createSchema';
import { resolveTypeRef } from '../schema/resolveTypeRef';
import type { Schema } from '../schema/Schema';
import type { DeclaredStage } from './DeclaredStage';
import type { FaultList } from './FaultList';

/** What compilers emit for types that they cannot name; see docs/architecture.md, "Emitted types". */
const SAYS_NOTHING: readonly unknown[] = [Object, Function, Array, Promise, undefined];

export interface FoundSchema {
  readonly schema: Schema;
  readonly explicit: boolean;
}

/** Where a side's type may be named, and what the compiler may have emitted for it. */
export interface TypeSite {
  readonly side: 'input' | 'output';
  readonly declared: DeclaredStage;
  /** How the user writes it: `@Preprocess({ input: ... })`. */
  readonly decorator: string;
  readonly ref: TypeRef | undefined;
  /** Index of the parameter whose emitted type may stand in; `undefined` for output. */
  readonly parameter: number | undefined;
}

export function findSchema(site: TypeSite, faults: FaultList): FoundSchema | undefined {
  const { declared, ref } = site;
  if (ref !== undefined) {
    const resolved = resolveTypeRef(ref);
    if (!resolved.ok) return faults.add(declared.member, `${site.side}: ${resolved.what}`, resolved.hint);
    return toSchema(resolved.type, true, site, faults);
  }
  const way = `Write ${site.decorator} with its class, [Class], () => Class, or Unvalidated to take it as it is`;
  if (site.parameter === undefined) {
    return faults.add(declared.member, `the ${site.side} type is not given`, way);
  }
  const owner = declared.static
    ? declared.declaredBy
    : (declared.declaredBy as { prototype: object }).prototype;
  const emitted = readEmittedParameterTypes(owner, declared.member);
  if (emitted === undefined) {
    return faults.add(
      declared.member,
      `the ${site.side} type is not given, and the compiler emitted no parameter types (esbuild and tsx never do)`,
      `${way}; or set "emitDecoratorMetadata": true where the compiler knows it`,
    );
  }
  const type = emitted[site.parameter];
  if (typeof type !== 'function' || SAYS_NOTHING.includes(type)) {
    const received = typeof type === 'function' ? type.name : typeof type;
    return faults.add(
      declared.member,
      `the ${site.side} type is unknown: the compiler emitted \`${received}\` for it`,
      type === Object
        ? `${way}; of a class that comes by \`import type\` nothing is emitted: import it by \`import\``
        : way,
    );
  }
  return toSchema(type as ResolvedTypeRef, false, site, faults);
}

function toSchema(
  type: ResolvedTypeRef,
  explicit: boolean,
  { side, declared }: TypeSite,
  faults: FaultList,
): FoundSchema | undefined {
  const made = createSchema(type);
  if (!made.ok) return faults.add(declared.member, `${side}: ${made.what}`, made.hint);
  return { schema: made.schema, explicit };
}
