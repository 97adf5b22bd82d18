/** Throwaway directories, gone when the test process ends however it ends (but for SIGKILL). */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const open = new Set<string>();
let hooked = false;

/** A new empty directory. Its name holds a space, so that every path in a test does. Removed by `removeDir` or at exit. */
export function tempDir(purpose = 'test'): string {
  if (!hooked) {
    hooked = true;
    process.on('exit', () => {
      for (const dir of open) rmSync(dir, { recursive: true, force: true });
    });
  }
  const dir = mkdtempSync(join(tmpdir(), `redferry ${purpose}-`));
  open.add(dir);
  return dir;
}

export function removeDir(dir: string): void {
  open.delete(dir);
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
}
