/** How far a package has come on its way over the network. */
export interface TransferProgress {
  /** Bytes that are there, those that were there before among them. */
  readonly bytes: number;
  readonly total: number;
}
