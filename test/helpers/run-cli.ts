/** Runs the real command line (bin/redferry) in a process of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type { CheckResult, ImportResult, VerifyResult } from '../../src/stages/results.js';
import { removeDir, tempDir } from './temp-dir.js';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
export const BIN = join(REPOSITORY, 'bin', 'redferry');
const PEAK_HOOK = fileURLToPath(new URL('./peak-memory.cjs', import.meta.url));

/** A password no output may ever hold; every run is searched for it. */
export const CANARY = 'canary-8c1fJ2-never-print-me';

export interface RunOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** Bytes for stdin, or a stream that feeds it at its own pace. Without it stdin is closed. */
  stdin?: Uint8Array | Readable;
  /** Milliseconds until the process is killed and the run fails; 60 s when left out. */
  timeoutMs?: number;
  /** Further words that must not appear in any output. */
  secrets?: string[];
  /** Called when the process runs, e.g. to send it a signal. */
  started?: (child: ChildProcess) => void;
  /** Called with all of stderr so far, each time more came. */
  onStderr?: (text: string, child: ChildProcess) => void;
}

export interface CliResult {
  /** Exit code; null when a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** Highest resident memory of the process, in bytes (VmHWM); null when the process did not end by itself. */
  peakRss: number | null;
  elapsedMs: number;
}

/**
 * Runs `redferry ...args` and waits for its end. Rejects when it hangs, and when its output holds what no output may hold:
 * a stack trace, an unhandled rejection, a Node warning or a secret.
 */
export async function runCli(args: string[], options: RunOptions = {}): Promise<CliResult> {
  const dir = tempDir('run');
  const peakFile = join(dir, 'peak');
  const started = Date.now();
  const child = spawn(process.execPath, ['--require', PEAK_HOOK, BIN, ...args], {
    cwd: options.cwd ?? dir,
    env: { ...cleanEnv(), ...options.env, PEAK_MEMORY_FILE: peakFile },
    stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    options.onStderr?.(stderr, child);
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const timeoutMs = options.timeoutMs ?? 60_000;
  const hung = new AbortController();
  const timer = setTimeout(() => {
    hung.abort();
    child.kill('SIGKILL');
  }, timeoutMs);
  options.started?.(child);
  try {
    // A process that refuses its input closes the pipe early: that is its answer, not our failure.
    const feeding = feed(child, options.stdin).catch(() => undefined);
    const { code, signal } = await ended;
    if (options.stdin === undefined || options.stdin instanceof Uint8Array) await feeding;
    else options.stdin.destroy();
    const result = { code, signal, stdout, stderr, peakRss: readPeak(peakFile), elapsedMs: Date.now() - started };
    if (hung.signal.aborted) throw new Error(`redferry ${args.join(' ')}: no end after ${timeoutMs} ms\n${describeRun(result)}`);
    assertDecent(args, result, [CANARY, ...(options.secrets ?? [])]);
    return result;
  } finally {
    clearTimeout(timer);
    removeDir(dir);
  }
}

/** What `--json` prints, whatever the command was: a test knows which fields its command has. */
export type CliJson = Omit<ImportResult, 'command' | 'keys' | 'plan'> & Omit<CheckResult, 'command' | 'keys'> & Omit<VerifyResult, 'command' | 'keys'> & {
  command: string;
  keys: Record<'read' | 'written' | 'skippedExpired' | 'skippedFiltered' | 'skippedExisting' | 'failed' | 'expected' | 'equal' | 'missing' | 'different' | 'extra' | 'expiredSince', number>;
  error: { code: string; message: string; hint: string | null; progress?: string };
  check: CheckResult | null;
  import: ImportResult | null;
  verify: VerifyResult | null;
};

/** The one JSON object that `--json` prints; fails when stdout holds anything else. */
export function jsonOf(result: CliResult): CliJson {
  try {
    return JSON.parse(result.stdout) as CliJson;
  } catch (error) {
    throw new Error(`stdout is not one JSON object\n${describeRun(result)}`, { cause: error });
  }
}

/** Everything about a run, for the message of a failed assertion. */
export function describeRun(result: Omit<CliResult, 'peakRss'>): string {
  return `exit ${result.code ?? result.signal} after ${result.elapsedMs} ms\n--- stdout\n${result.stdout.slice(0, 4000)}\n--- stderr\n${result.stderr.slice(0, 4000)}`;
}

/** The environment without what could change redferry's behaviour or colour its output. */
function cleanEnv(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value === undefined || name.startsWith('REDFERRY_') || name.startsWith('VITEST') || name === 'NODE_OPTIONS' || name === 'FORCE_COLOR') continue;
    env[name] = value;
  }
  return { ...env, NO_COLOR: '1' };
}

async function feed(child: ChildProcess, input: RunOptions['stdin']): Promise<void> {
  if (input === undefined || child.stdin === null) return;
  if (input instanceof Uint8Array) {
    const { stdin } = child;
    await new Promise<void>((resolve, reject) => {
      stdin.once('error', reject);
      stdin.end(input, resolve);
    });
  } else {
    await pipeline(input, child.stdin);
  }
}

function readPeak(file: string): number | null {
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : null;
}

const INDECENT: readonly [RegExp, string][] = [
  [/^\s+at (?:async )?(?:[\w.<>[\] ]+ \()?(?:file:|node:|\/|wasm)/m, 'a stack trace'],
  [/unhandled|uncaught/i, 'an unhandled rejection or exception'],
  [/^\(node:\d+\)/m, 'a Node warning'],
  [/node:internal\//, "Node's insides"],
  [/RuntimeError|\bunreachable\b/, 'a WebAssembly trap'],
  [/\[object Object\]|\bundefined\b|\bNaN\b/, 'a value that nobody formatted'],
];

function assertDecent(args: string[], result: CliResult, secrets: string[]): void {
  for (const [pattern, what] of INDECENT) {
    if (pattern.test(result.stderr) || pattern.test(result.stdout)) {
      throw new Error(`redferry ${args.join(' ')}: its output holds ${what}\n${describeRun(result)}`);
    }
  }
  for (const secret of secrets) {
    if (result.stdout.includes(secret) || result.stderr.includes(secret)) {
      throw new Error(`redferry: the secret ${secret} is in its output\n${describeRun(result)}`);
    }
  }
}
