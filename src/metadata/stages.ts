/** The stages of a runner, in the order of its life. */
export const STAGES = ['save', 'load', 'preprocess', 'predict', 'postprocess', 'dispose'] as const;

export type StageName = (typeof STAGES)[number];
