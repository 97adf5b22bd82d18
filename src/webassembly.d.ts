/**
 * The part of the WebAssembly API that is used here. TypeScript has it only in the "dom" library, which would also let
 * `window`, `document` and a browser's `fetch` pass the type check.
 */
declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number });
    readonly buffer: ArrayBuffer;
  }
  /** Compiled code: made by `compile`, otherwise opaque. */
  interface Module {
    readonly [Symbol.toStringTag]: string;
  }
  type Exports = Readonly<Record<string, unknown>>;
  class Instance {
    constructor(module: Module, imports?: Record<string, Record<string, unknown>>);
    readonly exports: Exports;
  }
  function compile(bytes: Uint8Array): Promise<Module>;
  class RuntimeError extends Error {}
}
