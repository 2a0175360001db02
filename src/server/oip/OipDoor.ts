import type { OpenRequests } from '../http/OpenRequests';
import type { ModelTable } from '../models/ModelTable';
import type { RepositoryControl } from './RepositoryControl';

/** What the protocol's routes work on. */
export interface OipDoor {
  readonly models: ModelTable;
  readonly requests: OpenRequests;
  /** Bytes that a body may have, before and after decompression. */
  readonly bodyLimit: number;
  /** Absent where clients may not load and unload models. */
  readonly control: RepositoryControl | undefined;
}
