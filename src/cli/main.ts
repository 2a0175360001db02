#!/usr/bin/env node
import { installedVersion } from '../registrar/installedVersion';

/** Those that Runwright shares with the code of its users; the package.json is read by code that needs them itself. */
const SHARED = ['reflect-metadata', 'class-validator', 'class-transformer'];

void main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<void> {
  const missing = SHARED.filter((name) => installedVersion(name) === undefined);
  // Every command loads what needs them, `doctor` too.
  if (missing.length > 0) return (await import('./refuseToStart.js')).refuseToStart(missing, argv);
  await (await import('./runCommandLine.js')).runCommandLine(argv);
}
