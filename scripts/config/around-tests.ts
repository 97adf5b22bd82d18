import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs once before all tests; what it returns runs once after them. */
export default function aroundTests(): () => void {
  // Tests run `src` directly, but the engine they run is compiled: without it every test would fail with the same riddle.
  if (!existsSync(new URL('../../src/engine/engine.wasm', import.meta.url))) {
    throw new Error('src/engine/engine.wasm: not there. The engine is compiled by `npm run build`; run that (or ./scripts/test) first.');
  }
  // One folder holds whatever tests leave behind: a worker that is ended cannot tidy up after itself.
  const outer = process.env['TMPDIR'];
  const dir = mkdtempSync(join(tmpdir(), 'redferry-tests-'));
  process.env['TMPDIR'] = dir;
  return () => {
    if (outer === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = outer;
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  };
}
