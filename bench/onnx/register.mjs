// `registerTorchModel` of a TorchScript file of 100 MB, parity included: the time of each phase, and the most memory that each
// of the three processes has in use: our own, Python, and the one that runs the export for the comparison. Linux.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { path } from '../support/path.mjs';
import { peakBytes, treeOf } from '../support/processTree.mjs';
import { torchPython } from '../support/torch.mjs';
import { withFolder } from '../support/withFolder.mjs';

const MEGABYTE = 1e6;
const INPUTS = [{ name: 'features', dtype: 'float32', shape: [-1, 64], range: [-1, 1] }];

export default async function bench() {
  const python = await torchPython('torch-register');
  if (python === undefined) return [];
  return withFolder(async (folder) => {
    const file = join(folder, 'wide.pt');
    execFileSync(python.path, [path('bench/support/makeTorch.py'), 'wide', file], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const child = spawn(
      process.execPath,
      [path('bench/support/registerTorch.mjs'), file, join(folder, 'registry'), JSON.stringify(INPUTS)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const peaks = { own: 0, python: 0, onnx: 0 };
    const sampling = setInterval(() => samplePeaks(child.pid, peaks), 10);
    const closed = once(child, 'close');
    const printed = await text(child.stdout);
    clearInterval(sampling);
    const [code] = await closed;
    if (code !== 0) throw new Error(`registerTorch.mjs ended with ${code}`);
    const phases = Object.entries(JSON.parse(printed));
    const seconds = phases.reduce((sum, [, milliseconds]) => sum + milliseconds, 0) / 1000;
    const detail = phases
      .map(([phase, milliseconds]) => `${phase} ${(milliseconds / 1000).toFixed(1)} s`)
      .join(', ');
    const size = `${(statSync(file).size / MEGABYTE).toFixed(0)} MB, torch ${python.torchVersion}`;
    const memory = (figure, bytes, limit) => ({
      figure: `peak memory of ${figure}`,
      value: bytes / MEGABYTE,
      ...(limit !== undefined && { limit }),
      unit: 'MB',
      detail: size,
    });
    return [
      { figure: 'registerTorchModel of 100 MB', value: seconds, unit: 's', detail },
      memory('Python', peaks.python, 1000),
      memory('our own process', peaks.own, 200),
      memory('the ONNX process', peaks.onnx),
    ];
  });
}

function samplePeaks(pid, peaks) {
  for (const member of treeOf(pid)) {
    const command = commandOf(member);
    const kind = member === pid ? 'own' : command.includes('onnxMain') ? 'onnx' : 'python';
    peaks[kind] = Math.max(peaks[kind], peakBytes([member]));
  }
}

/** Empty when the process has ended meanwhile. */
function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}
