'use strict';

// The layers of docs/architecture.md: a folder imports only from lower layers, folders of one layer not from each other.
const LAYERS = [
  ['errors'],
  ['metadata', 'artifact', 'client'],
  ['decorators', 'schema', 'batching'],
  ['scanner', 'models'],
  ['lifecycle'],
  ['packer', 'registry', 'server'],
  ['execution'],
  ['registrar'],
  ['testing', 'nestjs'],
  ['cli'],
];

const zones = LAYERS.flatMap((folders, level) =>
  folders.map((folder) => ({
    target: `./src/${folder}`,
    from: [
      './src/index.ts',
      ...LAYERS.slice(level)
        .flat()
        .filter((other) => other !== folder)
        .map((other) => `./src/${other}`),
    ],
    message: `${folder} is layer ${level}: it may import from lower layers only (docs/architecture.md).`,
  })),
);

// Each of these stays in its folder, so that nothing else loads it or depends on its ways.
const HOMES = {
  got: ['registry'],
  archiver: ['packer'],
  'tar-stream': ['packer'],
  rolldown: ['packer'],
  fastify: ['server'],
  '@fastify': ['server'],
  'onnxruntime-common': ['schema', 'models', 'server', 'execution'],
  'onnxruntime-node': ['models'],
  yauzl: ['models'],
  'eslint-scope': ['packer'],
  '@nestjs': ['nestjs'],
  'class-validator': ['schema'],
  'class-transformer': ['schema'],
  commander: ['cli'],
  'cli-progress': ['cli'],
};

const strangers = (folder) => Object.entries(HOMES).filter(([, homes]) => !homes.includes(folder));

/** What the files of one folder may not load; `undefined` for the files at the root of src. */
const restrictedIn = (folder) => ({
  files: [folder === undefined ? 'src/*.ts' : `src/${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: strangers(folder).map(([name, homes]) => ({
          group: [name, `${name}/**`],
          message: `Only src/${homes[0]} uses ${name}.`,
        })),
      },
    ],
    'no-restricted-syntax': [
      'error',
      ...strangers(folder).map(([name, homes]) => ({
        selector: `ImportExpression > Literal[value=/^${name.replace('/', '\\/')}(\\/|$)/]`,
        message: `Only src/${homes[0]} uses ${name}.`,
      })),
      {
        selector: 'ImportExpression > TemplateLiteral',
        message: 'Name the module in quotes, so that the layers can be seen.',
      },
      // The path rules do not see `import('...').Type`. schema/ needs it for libraries that it loads late.
      ...(folder === 'schema'
        ? []
        : [{ selector: 'TSImportType', message: 'Write `import type`, so that the layers can be seen.' }]),
    ],
  },
});

module.exports = {
  root: true,
  parser: '@typescript-eslint/parser',
  parserOptions: {
    ecmaVersion: 2022,
    sourceType: 'module',
    project: './tsconfig.json',
    tsconfigRootDir: __dirname,
  },
  plugins: ['@typescript-eslint', 'import'],
  extends: ['eslint:recommended', 'plugin:@typescript-eslint/recommended-type-checked', 'prettier'],
  settings: { 'import/resolver': { typescript: { project: './tsconfig.json' } } },
  ignorePatterns: ['dist', 'build', 'coverage', 'node_modules', 'fixtures'],
  rules: {
    'import/no-restricted-paths': ['error', { basePath: __dirname, zones }],
    'no-console': 'error',
    'no-restricted-globals': 'off',
    eqeqeq: 'error',
    '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'none' }],
    '@typescript-eslint/only-throw-error': 'off',
    '@typescript-eslint/no-require-imports': [
      'error',
      { allow: ['^(reflect-metadata|class-validator|class-transformer)'] },
    ],
  },
  overrides: [
    ...[undefined, ...LAYERS.flat()].map(restrictedIn),
    {
      files: ['src/**/*.ts'],
      excludedFiles: ['src/cli/**'],
      rules: {
        'no-restricted-properties': [
          'error',
          { object: 'process', property: 'exit', message: 'Only the command line ends the process.' },
        ],
      },
    },
    {
      files: ['test/**', 'examples/**', 'bench/**'],
      rules: {
        'no-console': 'off',
        '@typescript-eslint/no-unsafe-assignment': 'off',
        '@typescript-eslint/unbound-method': 'off',
      },
    },
    {
      files: ['**/*.cjs', '**/*.mjs', '**/*.mts'],
      parserOptions: { project: null },
      extends: ['plugin:@typescript-eslint/disable-type-checked'],
      env: { node: true, es2022: true },
    },
  ],
};
