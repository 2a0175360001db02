// Building the iris package into a file, and registering it, each in a new process: imports of rolldown, archiver and the
// child check are included.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { median } from './support/median.mjs';
import { path } from './support/path.mjs';
import { withFolder } from './support/withFolder.mjs';

const ROUNDS = 7;

export default function bench() {
  return withFolder(async (folder) => {
    const measure = (script) => {
      const times = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const source = `import { ${script} } from ${JSON.stringify(path(`bench/support/${script}.mjs`))};
          console.log(await ${script}(${JSON.stringify(join(folder, script))}));`;
        const { status, stdout, stderr } = spawnSync(
          process.execPath,
          ['--input-type=module', '-e', source],
          { encoding: 'utf8' },
        );
        if (status !== 0) throw new Error(stderr);
        times.push(Number(stdout));
      }
      return { value: median(times), detail: times.map((time) => time.toFixed(0)).join(' ') };
    };
    return [
      { figure: 'build of iris, call to file', ...measure('buildIris'), limit: 400, unit: 'ms' },
      { figure: 'register of iris, check included', ...measure('registerIris'), limit: 1000, unit: 'ms' },
    ];
  });
}
