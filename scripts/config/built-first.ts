import { existsSync } from 'node:fs';

/** Tests run `src` directly, but the engine they run is compiled: without it every test would fail with the same riddle. */
export default function builtFirst(): void {
  if (!existsSync(new URL('../../src/engine/engine.wasm', import.meta.url))) {
    throw new Error('src/engine/engine.wasm: not there. The engine is compiled by `npm run build`; run that (or ./scripts/test) first.');
  }
}
