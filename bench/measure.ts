/**
 * Runs one program and says what it cost: wall and CPU of the whole process with all its children
 * (bash's `time` reads getrusage, to the millisecond), and peak RSS (VmHWM, the kernel's own high
 * mark, read until the process is gone: only a peak in its last few milliseconds can be missed).
 * Node itself can only report about the bench, not about a child, hence bash.
 */
import { spawn } from 'node:child_process';
import { closeSync, createReadStream, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { BenchError } from './bench-error.js';

const POLL_MS = 10;
const TIMEOUT_MS = 600_000;
/** USER_HZ: fixed at 100 in what Linux shows to programs, whatever the kernel's own tick. */
const TICKS_PER_SECOND = 100;
// $1: where to write; the rest: the program. The inner sh tells its pid, then becomes the program (1 ms, for each alike).
const SCRIPT = 'TIMEFORMAT="%3R %3U %3S"; { time sh -c \'echo $$ >"$0.pid"; exec "$@"\' "$@" 2>"$1.err"; } 2>"$1.time"';

export interface Measurement {
  /** Seconds. */
  wall: number;
  /** Seconds, user + system. */
  cpu: number;
  rssMb: number | null;
  /** CPU that others took meanwhile, in cores; null where there is no /proc. */
  foreignCores: number | null;
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** @param options.otherCpu CPU seconds so far of the server that works for the program: not foreign */
export async function measure(command: string[], options: { stdinFile?: string; otherCpu?: () => Promise<number> } = {}): Promise<Measurement> {
  const otherCpu = options.otherCpu ?? (() => Promise.resolve(0));
  const home = mkdtempSync(join(tmpdir(), 'rfbench-run-'));
  const clean = (): void => rmSync(home, { recursive: true, force: true });
  process.once('exit', clean);
  const base = join(home, 'm');
  const stdin = options.stdinFile === undefined ? 'ignore' : openSync(options.stdinFile, 'r');
  try {
    const before = { busy: machineCpuSeconds(), known: ownCpuSeconds() + (await otherCpu()) };
    const { exitCode, stdout, rssMb } = await runBash(['-c', SCRIPT, 'bash', base, ...command], stdin, `${base}.pid`);
    const times = /^([\d.]+) ([\d.]+) ([\d.]+)\s*$/m.exec(readOr(`${base}.time`, ''));
    if (!times) throw new BenchError(`${command.join(' ')}: bash gave no times (killed after ${TIMEOUT_MS / 1000} s?)`);
    const wall = Number(times[1]);
    const cpu = Number(times[2]) + Number(times[3]);
    const busy = machineCpuSeconds();
    const known = cpu + ownCpuSeconds() + (await otherCpu()) - before.known;
    const foreignCores = busy === null || before.busy === null ? null : Math.max(0, (busy - before.busy - known) / wall);
    return { wall, cpu, rssMb, foreignCores, exitCode, stdout, stderr: readOr(`${base}.err`, '') };
  } finally {
    if (typeof stdin === 'number') closeSync(stdin);
    process.off('exit', clean);
    clean();
  }
}

/** Reads a file once, so that no run pays for the disk. */
export async function warm(path: string): Promise<void> {
  await finished(createReadStream(path, { highWaterMark: 4 << 20 }).resume());
}

async function runBash(args: string[], stdin: number | 'ignore', pidFile: string): Promise<Pick<Measurement, 'exitCode' | 'stdout' | 'rssMb'>> {
  // Its own process group, so that a program which hangs ends with all it started.
  const child = spawn('bash', args, { stdio: [stdin, 'pipe', 'inherit'], detached: true });
  const killGroup = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // gone already
    }
  };
  process.once('exit', killGroup);
  const timer = setTimeout(killGroup, TIMEOUT_MS);
  const rss = watchPeakRss(pidFile);
  const stdout: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', (cause) => reject(new BenchError('cannot run bash, whose `time` the bench needs', { cause })));
      child.once('close', (code) => resolve(code ?? 137));
    });
    return { exitCode, stdout: Buffer.concat(stdout).toString('utf8'), rssMb: rss.stop() };
  } finally {
    rss.stop();
    clearTimeout(timer);
    process.off('exit', killGroup);
  }
}

function watchPeakRss(pidFile: string): { stop(): number | null } {
  let peakKb: number | null = null;
  let pid = '';
  const timer = setInterval(() => {
    if (pid === '') pid = readOr(pidFile, '').trim();
    const status = pid === '' ? '' : readOr(`/proc/${pid}/status`, '');
    const found = /^VmHWM:\s+(\d+) kB/m.exec(status);
    if (found) peakKb = Math.max(peakKb ?? 0, Number(found[1]));
  }, POLL_MS);
  return {
    stop() {
      clearInterval(timer);
      return peakKb === null ? null : peakKb / 1024;
    },
  };
}

/** CPU seconds all cores have worked since boot (steal included: it is lost to us as well). */
function machineCpuSeconds(): number | null {
  const [line = ''] = readOr('/proc/stat', '').split('\n', 1);
  const [user, nice, system, , , irq, softirq, steal] = line.split(/\s+/).slice(1).map(Number);
  if (steal === undefined) return null;
  return (user! + nice! + system! + irq! + softirq! + steal) / TICKS_PER_SECOND;
}

function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}
