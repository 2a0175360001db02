import { statSync } from 'node:fs';
import { extname, isAbsolute } from 'node:path';
import type { RunwrightError } from '../errors/RunwrightError';
import { splitReferenceUrl } from '../registrar/splitReferenceUrl';
import type { EntryFlags, LoadFlags } from './EntryFlags';
import { usageError } from './usageError';

const MODULES = new Set(['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx']);
const ARCHIVES = new Set(['.tar']);
const ONNX = new Set(['.onnx']);
const TORCH = new Set(['.pt', '.pth', '.pt2']);

/** What an argument names: a module with a runner class, a package in one file, an ONNX file, or a model in a registry. */
export type Target =
  | { readonly kind: 'entry'; readonly path: string }
  | { readonly kind: 'archive'; readonly path: string }
  | { readonly kind: 'onnx'; readonly path: string }
  | { readonly kind: 'reference'; readonly reference: string };

/**
 * An argument is a path when it begins with `.` or `/`, exists as a file, or ends in a known extension; otherwise it is a
 * reference. A file that is neither a module nor ONNX is taken for an archive. An `oci:` or `vessl:` URL is a reference.
 *
 * @throws RunwrightError RW_USAGE for the path of a folder, for a file of torch's, and for one that says by no extension what is missing there
 */
export function parseTarget(argument: string): Target {
  // A URL is refused here, where its text is not repeated, when it holds credentials or is of no registry.
  if (splitReferenceUrl(argument).registry !== undefined) return { kind: 'reference', reference: argument };
  const extension = extname(argument);
  if (TORCH.has(extension)) throw torchFile(argument);
  const isKnown = [MODULES, ARCHIVES, ONNX].some((known) => known.has(extension));
  const isPath = isKnown || argument.startsWith('.') || isAbsolute(argument) || isFile(argument);
  if (!isPath) return { kind: 'reference', reference: argument };
  const status = statSync(argument, { throwIfNoEntry: false });
  if (status?.isDirectory() === true) {
    throw usageError(
      argument,
      'this is a folder, and a module, an archive or an ONNX file is expected',
      'Name the module in it that exports the runner class, for example iris.runner.ts',
    );
  }
  if (status === undefined && !isKnown) throw missingFile(argument);
  const kind = MODULES.has(extension) ? 'entry' : ONNX.has(extension) ? 'onnx' : 'archive';
  return { kind, path: argument };
}

function torchFile(path: string): RunwrightError {
  return usageError(
    path,
    'a file of torch does not say all that a registration must know',
    "Write a script that calls registerTorchModel({ modelInstance: './model.pt', inputs: [...] }), or export the model to ONNX",
  );
}

function missingFile(path: string): RunwrightError {
  const meant = ['.runner', '']
    .flatMap((infix) => [...MODULES].map((end) => `${path}${infix}${end}`))
    .find(isFile);
  return usageError(
    path,
    'there is no such file',
    meant === undefined
      ? 'Name the module that exports the runner class with its extension, or an archive'
      : `Did you mean ${meant}?`,
  );
}

/**
 * @throws RunwrightError RW_USAGE when a flag that shapes an entry is given for a package or an ONNX file, or one that is
 *   for installing what a package requires for an entry, which uses what its project has, or for an ONNX file
 */
export function refuseUnfitFlags(target: Target, flags: EntryFlags & LoadFlags): void {
  const isFile = target.kind === 'entry' || target.kind === 'onnx';
  if (isFile && flags.allowScripts !== undefined) {
    throw usageError(
      '--allow-scripts',
      `it is for a package, and ${target.path} is ${target.kind === 'entry' ? 'an entry' : 'a model alone'}: nothing is installed for it`,
      'Leave it out; whoever loads the package allows scripts there',
    );
  }
  if (target.kind === 'entry') return;
  const given = (['class', 'model', 'artifact', 'requirement'] as const).find(
    (name) => flags[name] !== undefined,
  );
  if (given === undefined) return;
  throw usageError(
    `--${given}`,
    target.kind === 'onnx'
      ? `it is for an entry, and ${target.path} is a model alone`
      : `it is for an entry, and ${target.kind === 'archive' ? target.path : target.reference} is packed already`,
    'Leave it out, or name the module that exports the runner class',
  );
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
