// Makes build/examples a project of its own that has runwright installed, as a user's project would.
import { copyFileSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const link = path('../build/examples/node_modules/runwright');

mkdirSync(path('../build/examples/node_modules'), { recursive: true });
copyFileSync(path('./package.json'), path('../build/examples/package.json'));
copyFileSync(path('./digits-torch/train.py'), path('../build/examples/digits-torch/train.py'));
rmSync(link, { recursive: true, force: true });
symlinkSync(path('..'), link, 'junction');
