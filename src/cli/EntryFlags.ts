/** The flags that shape an entry. */
export interface EntryFlags {
  readonly class?: string;
  readonly model?: string;
  readonly artifact?: Readonly<Record<string, string>>;
  readonly requirement?: readonly string[];
}

/** The flag of every command that loads packages. */
export interface LoadFlags {
  readonly allowScripts?: readonly string[];
}

/** The same as options of the registrar. */
export function entryOptions({ class: exportName, model, artifact, requirement }: EntryFlags) {
  return { exportName, modelExport: model, artifacts: artifact, requirements: requirement };
}
