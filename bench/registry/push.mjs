// Pushing and pulling a package of 1 GB beside `skopeo copy` of the same layout, to and from an empty docker-registry on
// loopback, each as a whole process; and what a push after an edit of the code sends.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { median } from '../support/median.mjs';
import { path } from '../support/path.mjs';
import { publishEntry } from '../support/publishEntry.mjs';
import { requirePrograms, startDockerRegistry } from '../support/startDockerRegistry.mjs';
import { startLine } from '../support/startLine.mjs';
import { timeProcess } from '../support/timeProcess.mjs';
import { withFolder } from '../support/withFolder.mjs';
import { writeLargeFile } from '../support/writeLargeFile.mjs';

/** Bytes of the files, 1 GB together. */
const SIZES = [400, 200, 150, 100, 80, 40, 20, 10].map((megabytes) => megabytes * 1_000_000);

export default function bench({ rounds = 5 } = {}) {
  requirePrograms('docker-registry', 'skopeo');
  return withFolder(async (folder) => {
    const registry = join(folder, 'registry');
    const files = join(folder, 'files');
    mkdirSync(files);
    SIZES.forEach((size, at) => writeLargeFile(join(files, `weights-${at}.bin`), size));
    publishEntry(folder, registry, `${files}/*`, 1);
    const layout = join(registry, 'default', 'big');
    const ratios = { push: [], pull: [], folder: [] };
    const details = { push: [], pull: [], folder: [] };
    const peaks = { push: [], pull: [], folder: [] };
    const compare = async (kind, ours, theirs, first) => {
      const contenders = [
        async () => {
          const { milliseconds, stdout } = await timed(ours);
          peaks[kind].push(JSON.parse(stdout).peak);
          return milliseconds;
        },
        async () => (await timed(theirs)).milliseconds,
      ];
      const times = [];
      // Who goes first changes.
      for (const at of first ? [0, 1] : [1, 0]) times[at] = await contenders[at]();
      ratios[kind].push(times[1] / times[0]);
      details[kind].push(times.map((time) => time.toFixed(0)).join('/'));
    };
    for (let round = 0; round < rounds; round += 1) {
      const first = round % 2 === 0;
      // An empty one for each: skopeo remembers what it has sent where, and asks for it to be mounted.
      const [mine, other] = [await startDockerRegistry(folder), await startDockerRegistry(folder)];
      try {
        const theirs = `docker://${other.host}/default/big:1`;
        const target = join(folder, 'target');
        await compare(
          'push',
          transfer(folder, 'copy', 'big:1', registry, `oci://${mine.host}`),
          skopeo(`oci:${layout}:1`, theirs),
          first,
        );
        for (const [kind, what, to] of [
          ['pull', 'fetch', ''],
          ['folder', 'pull', join(target, 'ours')],
        ]) {
          mkdirSync(target);
          await compare(
            kind,
            transfer(folder, what, 'big:1', `oci://${mine.host}`, to),
            skopeo(theirs, `oci:${join(target, 'theirs')}:1`),
            first,
          );
          rmSync(target, { recursive: true, force: true });
          rmSync(join(folder, 'cache'), { recursive: true, force: true });
        }
      } finally {
        await Promise.all([mine.stop(), other.stop()]);
      }
    }
    const again = await pushEdited(folder, registry, `${files}/*`);
    const ratio = (kind, figure) => ({
      figure,
      value: median(ratios[kind]),
      limit: 0.9,
      atLeast: true,
      unit: 'times',
      detail: `ms, ours/skopeo: ${details[kind].join(' ')}`,
    });
    const peak = (kind, figure) => ({
      figure,
      value: Math.max(...peaks[kind]) / 1e6,
      limit: 200,
      unit: 'MB',
      detail: 'whole process',
    });
    return [
      ratio('push', 'speed of pushing 1 GB over skopeo copy'),
      ratio('pull', 'speed of pulling 1 GB into the cache over skopeo copy'),
      { ...ratio('folder', 'speed of pulling 1 GB into a folder over skopeo copy'), limit: undefined },
      peak('push', 'peak RSS of pushing 1 GB'),
      peak('pull', 'peak RSS of pulling 1 GB into the cache'),
      peak('folder', 'peak RSS of pulling 1 GB into a folder'),
      {
        figure: 'bytes sent by a push after an edit of the code',
        value: again.bytes / 1e6,
        limit: 1,
        unit: 'MB',
        detail: 'same weights, 1 GB',
      },
      {
        figure: 'time of a push after an edit of the code',
        value: again.milliseconds / 1000,
        limit: 1,
        unit: 's',
        detail: 'whole process',
      },
    ];
  });
}

async function pushEdited(folder, registry, files) {
  const server = await startDockerRegistry(folder);
  const line = await startLine(server.host);
  try {
    await timed(transfer(folder, 'copy', 'big:1', registry, `oci://${line.host}`));
    publishEntry(folder, registry, files, 2);
    const before = line.sent();
    const { milliseconds } = await timed(transfer(folder, 'copy', 'big:2', registry, `oci://${line.host}`));
    return { milliseconds, bytes: line.sent() - before };
  } finally {
    await line.stop();
    await server.stop();
  }
}

/** What was written before is not to be waited for by what is measured. */
async function timed([command, options]) {
  await timeProcess(['sync']);
  return timeProcess(command, options);
}

const transfer = (folder, ...args) => [
  [process.execPath, path('bench/support/transfer.mjs'), ...args],
  { env: { ...process.env, RUNWRIGHT_CACHE: join(folder, 'cache'), DOCKER_CONFIG: folder } },
];

const skopeo = (from, to) => [
  ['skopeo', 'copy', '--quiet', '--src-tls-verify=false', '--dest-tls-verify=false', from, to],
  {},
];
