import { BUNDLE_FILE, type Bundle } from '../packer/bundle/Bundle';

/** The files of a bundle's code layer. */
export function codeFiles({ code }: Bundle): ReadonlyMap<string, Uint8Array> {
  return new Map([[BUNDLE_FILE, code]]);
}
