// One file for each door of the package and a few that they share: loading two hundred small files costs more than all
// that is in them. Types come from tsc (src/tsconfig.json).
import { defineConfig } from 'rolldown';
import manifest from './package.json' with { type: 'json' };

const packages = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];

export default defineConfig({
  input: {
    index: 'src/index.ts',
    'testing/index': 'src/testing/index.ts',
    'server/index': 'src/server/index.ts',
    'cli/main': 'src/cli/main.ts',
    'registrar/checkMain': 'src/registrar/checkMain.ts',
    'registrar/workerMain': 'src/registrar/workerMain.ts',
  },
  logLevel: 'warn',
  platform: 'node',
  tsconfig: false,
  external: (id) =>
    id.startsWith('node:') || packages.some((name) => id === name || id.startsWith(`${name}/`)),
  transform: { target: 'node20' },
  output: {
    dir: 'dist',
    format: 'cjs',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
    keepNames: true,
    comments: false,
    // What always loads together is one file; the command line, which often needs less, has errors and registry apart.
    codeSplitting: {
      groups: [
        { name: 'errors', test: /src\/errors\// },
        { name: 'registry', test: /src\/(artifact|registry)\// },
        { name: 'runner', test: /src\/(metadata|decorators|schema|scanner|models|lifecycle)\// },
        { name: 'package', test: /src\/packer\/(package|manifest|artifacts|host)\// },
        // Otherwise what both sides use would be in the worker's program, and its parent would run that.
        { name: 'workers', test: /src\/execution\/(pool|transport|wire)\// },
      ],
    },
  },
});
