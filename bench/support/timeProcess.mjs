import { spawn } from 'node:child_process';

/**
 * Runs a program to its end, without holding up this process.
 *
 * @returns milliseconds as a whole process, and what it wrote to stdout
 * @throws Error with what it wrote to stderr, when it fails
 */
export function timeProcess([program, ...args], options = {}) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const milliseconds = performance.now() - start;
      if (code === 0) resolve({ milliseconds, stdout });
      else reject(new Error(`${program} ${args.join(' ')} ended with ${code ?? signal}: ${stderr}`));
    });
  });
}
