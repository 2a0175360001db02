import { Bucket } from './Bucket';
import type { QueueEntry } from './QueueEntry';

/** What waits in a queue, by bucket. Adding and removing take the same time however many wait. */
export class WaitingLine<T, R> {
  size = 0;
  private added = 0;
  // Kept when it is empty: without a bucket function it is the only one there is.
  private readonly unnamed = new Bucket<QueueEntry<T, R>>(undefined);
  /** None of them empty. */
  private readonly named = new Map<string, Bucket<QueueEntry<T, R>>>();

  push(entry: QueueEntry<T, R>, name: string | undefined): void {
    entry.order = this.added += 1;
    this.size += 1;
    this.bucketOf(name).push(entry);
  }

  /** Does nothing for an entry that does not wait. */
  remove(entry: QueueEntry<T, R>): void {
    const { bucket } = entry;
    if (!bucket) return;
    bucket.remove(entry);
    this.size -= 1;
    if (bucket.size === 0 && bucket.name !== undefined) this.named.delete(bucket.name);
  }

  /** Of the buckets that `accepts` takes, the one whose first entry has waited longest. */
  oldest(accepts: (bucket: Bucket<QueueEntry<T, R>>) => boolean): Bucket<QueueEntry<T, R>> | undefined {
    let oldest = this.unnamed.size > 0 && accepts(this.unnamed) ? this.unnamed : undefined;
    if (this.named.size === 0) return oldest;
    for (const bucket of this.named.values()) {
      if (oldest?.first && bucket.first && bucket.first.order > oldest.first.order) continue;
      if (accepts(bucket)) oldest = bucket;
    }
    return oldest;
  }

  private bucketOf(name: string | undefined): Bucket<QueueEntry<T, R>> {
    if (name === undefined) return this.unnamed;
    let bucket = this.named.get(name);
    if (!bucket) this.named.set(name, (bucket = new Bucket(name)));
    return bucket;
  }
}
