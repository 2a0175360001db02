/** The part of ESLint 8 that is used here; the package brings no types of its own. */
declare module 'eslint' {
  export class ESLint {
    constructor(options: { cwd: string; overrideConfig: object });
    lintText(
      text: string,
      options: { filePath: string },
    ): Promise<{ messages: { ruleId: string | null; message: string }[] }[]>;
  }
}
