import { RunwrightError } from '../../errors/RunwrightError';
import type { VesslApi } from './VesslApi';
import type { SessionKeys, VolumeGrant } from './VolumeGrant';

/** Milliseconds before their end at which keys are renewed; the Python SDK's are renewed so too. */
const RENEW = 15 * 60_000;
/** Milliseconds before their end from which they are not used any more. */
const MUST_RENEW = 10 * 60_000;

interface Lent {
  readonly grant: VolumeGrant;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/**
 * The grants of the volumes in use, each asked for once and renewed before its keys end. Where a volume lies is taken from its
 * first grant; a renewal brings keys alone.
 */
export class VolumeGrants {
  readonly #lent = new Map<number, Lent>();
  readonly #asking = new Map<number, Promise<Lent>>();

  constructor(
    private readonly api: VesslApi,
    private readonly where: string,
    private readonly now: () => number = Date.now,
  ) {}

  /** Where the volume lies. Its keys may have ended. */
  async place(volumeId: number): Promise<VolumeGrant> {
    return (this.#lent.get(volumeId) ?? (await this.#ask(volumeId))).grant;
  }

  /** Keys that hold for a while. @throws RunwrightError RW_REGISTRY_DENIED (the platform gives none) */
  async keys(volumeId: number): Promise<SessionKeys> {
    let lent = this.#lent.get(volumeId) ?? (await this.#ask(volumeId));
    const before = lent;
    const left = (margin: number): boolean =>
      endOf(before) - this.now() > Math.min(margin, lifeOf(before) / 2);
    if (!left(RENEW)) {
      lent = await this.#ask(volumeId).catch((error: unknown) => {
        if (left(MUST_RENEW)) return before;
        throw error;
      });
    }
    const { keys } = lent.grant;
    if (keys !== undefined) return keys;
    this.#lent.delete(volumeId);
    throw new RunwrightError('RW_REGISTRY_DENIED', {
      where: this.where,
      what: 'VESSL gives no keys for the volume of the model',
      hint: 'Ask an administrator of the organization whether this account may read and write its models',
    });
  }

  /** Takes note that the store refuses the keys that it has been sent last: the next ones are others. */
  refuse(volumeId: number): void {
    const grant = this.#lent.get(volumeId)?.grant;
    if (grant?.keys === undefined) return;
    this.#lent.set(volumeId, { grant: { ...grant, keys: { ...grant.keys, expires: 0 } }, since: 0 });
  }

  #ask(volumeId: number): Promise<Lent> {
    let asking = this.#asking.get(volumeId);
    if (asking === undefined) {
      asking = this.#renew(volumeId).finally(() => this.#asking.delete(volumeId));
      this.#asking.set(volumeId, asking);
    }
    return asking;
  }

  async #renew(volumeId: number): Promise<Lent> {
    const since = this.now();
    const grant = await this.api.federate(volumeId, this.where);
    const first = this.#lent.get(volumeId)?.grant;
    const lent = { grant: first === undefined ? grant : { ...first, keys: grant.keys }, since };
    this.#lent.set(volumeId, lent);
    return lent;
  }
}

function endOf({ grant }: Lent): number {
  return grant.keys?.expires ?? Infinity;
}

/** Keys that were lent for ten minutes must not be renewed for each request. */
function lifeOf(lent: Lent): number {
  return Math.max(0, endOf(lent) - lent.since);
}
