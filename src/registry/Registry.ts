import type { BlobSink, PutOptions } from '../artifact/BlobSink';
import type { BlobSource } from '../artifact/BlobSource';
import type { Descriptor } from '../artifact/Descriptor';
import type { Digest } from '../artifact/Digest';
import type { Reference } from '../artifact/Reference';

/** A named series of models and its owner. */
export interface RepositoryName {
  readonly organization: string;
  readonly repository: string;
}

/** What a registry says of one model number. */
export interface ModelEntry extends RepositoryName {
  readonly number: number;
  /** The package that the number points at; `null` while the number is only reserved. */
  readonly digest: Digest | null;
  /** True when a package is registered under the number. */
  readonly servable: boolean;
  /** ISO 8601; `null` while the number is only reserved. */
  readonly registeredAt: string | null;
  readonly aliases: readonly string[];
  /** The packages that the number pointed at before, the latest first. */
  readonly history: readonly { readonly digest: Digest; readonly supersededAt: string }[];
}

/** What a reference stands for right now. */
export interface ResolvedModel extends RepositoryName {
  /** The number, alias or newest that was asked for; `null` for a package that no number points at any more. */
  readonly entry: ModelEntry | null;
  readonly digest: Digest;
  /** The manifest, byte for byte; its sha256 is `digest`. */
  readonly manifest: Buffer;
}

export interface Commit {
  /** The manifest, byte for byte. All blobs that it names have been put, or stand in the repository already. */
  readonly manifest: Uint8Array;
  /** `null` for a new number; otherwise a number that exists. */
  readonly number: number | null;
  /** Only go on when the number still points at this package (`null`: at none). */
  readonly expectedDigest?: Digest | null | undefined;
}

export interface ModelFilter {
  readonly organization?: string | undefined;
  readonly repository?: string | undefined;
  /** Only what comes behind this one, in the order of the list: the last one of the page before. */
  readonly after?: (RepositoryName & { readonly number: number }) | undefined;
  /** Most entries to give. Default: all. */
  readonly limit?: number | undefined;
}

/** A package on its way in. Nothing of it is visible before `commit`, and all of it is after. */
export interface Publication extends BlobSink {
  /**
   * Takes a blob out of another place, verified. Nothing is read when the registry has it already.
   *
   * @throws RunwrightError RW_PACKAGE_CORRUPT when the bytes are not the descriptor's, RW_ABORTED, RW_IO
   */
  putBlob(descriptor: Descriptor, source: BlobSource, options?: PutOptions): Promise<void>;
  /**
   * One atomic step: blobs, manifest and number become visible together, or not at all.
   *
   * @throws RunwrightError RW_MODEL_NOT_FOUND (the number), RW_MODEL_CONFLICT (`expectedDigest`), RW_IO
   */
  commit(commit: Commit): Promise<ModelEntry>;
  /** Throws away what was put. Does nothing after `commit`. */
  abandon(): Promise<void>;
}

/** Where packages live. Every driver, local or remote, is one of these. */
export interface Registry {
  /** For people and for answers: a path or a URL, never with credentials. */
  readonly url: string;
  /** The organization of references that name none. */
  readonly defaultOrganization: string;
  /** Gives the next number, reserved and not yet servable. */
  createModel(name: RepositoryName): Promise<ModelEntry>;
  /** Every number, ordered by organization, repository, number. */
  listModels(filter?: ModelFilter): Promise<ModelEntry[]>;
  /**
   * @throws RunwrightError RW_MODEL_NOT_FOUND, RW_MODEL_NOT_SERVABLE (the number is only reserved)
   */
  resolve(reference: Reference): Promise<ResolvedModel>;
  /** The entry of a number, reserved ones too. @throws RunwrightError RW_MODEL_NOT_FOUND */
  readEntry(name: RepositoryName, number: number): Promise<ModelEntry>;
  blobs(name: RepositoryName): BlobSource;
  /** @throws RunwrightError RW_IO when the registry cannot be written */
  publish(name: RepositoryName): Promise<Publication>;
  /** Points an alias at a number, in one atomic step; it may have pointed elsewhere. */
  setAlias(name: RepositoryName, alias: string, number: number): Promise<ModelEntry>;
}
