import 'reflect-metadata';

export { createTestRunner } from './createTestRunner';
export { TestRunner } from './TestRunner';
export type { StageRecord } from './StageRecord';
