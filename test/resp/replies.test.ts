import { expect, test } from 'vitest';
import { classifyError, classifyReply, errorForVerdict, serverWords, unaskedReplyError, type ReplyOutcome } from '../../src/resp/replies.js';

/** The words of real servers: 2.8 to 8.0 and Valkey. */
const WORDS: [ReplyOutcome, exitCode: number | null, words: string][] = [
  ['exists', null, 'BUSYKEY Target key name already exists.'],
  ['exists', null, 'ERR Target key name is busy.'],
  ['retryable', 7, 'LOADING Redis is loading the dataset in memory'],
  ['retryable', 7, "OOM command not allowed when used memory > 'maxmemory'."],
  ['retryable', 7, 'MISCONF Redis is configured to save RDB snapshots, but is currently not able to persist on disk.'],
  ['retryable', 7, 'MISCONF Errors writing to the AOF file: No space left on device'],
  ['retryable', 7, "READONLY You can't write against a read only replica."],
  ['retryable', 7, "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."],
  ['retryable', 7, 'CLUSTERDOWN Hash slot not served'],
  ['retryable', 7, 'NOREPLICAS Not enough good replicas to write.'],
  ['retryable', 7, 'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.'],
  ['retryable', 7, 'ERR max number of clients reached'],
  ['cluster', 4, 'MOVED 866 127.0.0.1:7001'],
  ['cluster', 4, 'ASK 866 127.0.0.1:7001'],
  ['cluster', 4, 'TRYAGAIN Multiple keys request during rehashing of slot'],
  ['cluster', 4, "CROSSSLOT Keys in request don't hash to the same slot"],
  ['cluster', 4, 'ERR SELECT is not allowed in cluster mode'],
  ['auth', 12, 'NOAUTH Authentication required.'],
  ['auth', 12, 'WRONGPASS invalid username-password pair or user is disabled.'],
  ['auth', 12, 'ERR invalid password'],
  ['auth', 12, 'ERR operation not permitted'],
  ['auth', 12, 'ERR Client sent AUTH, but no password is set'],
  ['auth', 12, 'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?'],
  ['auth', 12, "ERR wrong number of arguments for 'auth' command"],
  ['auth', 12, "NOPERM this user has no permissions to run the 'restore' command"],
  ['auth', 12, 'NOPERM this user has no permissions to access one of the keys used as arguments'],
  ['auth', 12, 'DENIED Redis is running in protected mode because protected mode is enabled'],
  ['refused', 4, "ERR unknown command 'RESTORE'"],
  ['refused', 4, 'ERR unknown command `RESTORE`, with args beginning with: `key`, `0`, '],
  ['refused', 4, 'ERR Protocol error: invalid bulk length'],
  ['refused', 4, 'ERR DB index is out of range'],
  ['refused', 4, 'ERR invalid DB index'],
  ['key', 8, 'ERR Bad data format'],
  ['key', 8, 'ERR DUMP payload version or checksum are wrong'],
  ['key', 8, 'WRONGTYPE Operation against a key holding the wrong kind of value'],
  ['key', 8, 'ERR Invalid TTL value, must be >= 0'],
  ['key', 8, "ERR invalid expire time in 'set' command"],
  ['key', 8, 'ERR something nobody listed'],
];

test.each(WORDS)('%s (exit %s): %s', (outcome, exitCode, words) => {
  const verdict = classifyReply({ kind: 'error', text: words });
  expect(verdict.outcome).toBe(outcome);
  expect(verdict.hint).not.toBe('');
  if (exitCode === null) return;
  const error = errorForVerdict(verdict, 'host:6379: RESTORE', { progress: '3 of 9 keys were written.' });
  expect(error.exitCode).toBe(exitCode);
  expect(error.message).toContain(serverWords(words));
  expect(error.hint).toBe(verdict.hint);
});

test('takes +OK as done and the nil of SET NX as a key that exists', () => {
  expect(classifyReply({ kind: 'status', text: 'OK' }).outcome).toBe('ok');
  expect(classifyReply({ kind: 'nil' }).outcome).toBe('exists');
});

test('takes no other reply as done', () => {
  expect(classifyReply({ kind: 'status', text: 'QUEUED' }).outcome).toBe('refused');
  expect(classifyReply({ kind: 'integer', value: 1 }).outcome).toBe('refused');
  expect(classifyReply({ kind: 'bulk', bytes: new Uint8Array(0) }).outcome).toBe('refused');
});

test('never shows arguments that the server quotes back, nor control characters', () => {
  expect(serverWords('ERR unknown command `AUTH`, with args beginning with: `hunter2`, ')).toBe('ERR unknown command `AUTH`');
  expect(serverWords("ERR unknown command 'AUTH', with args beginning with: 'hunter2' ")).toBe("ERR unknown command 'AUTH'");
  expect(serverWords('ERR a\u001b[31mred\u001b[0m\nb')).toBe('ERR a [31mred [0m b');
  expect(serverWords(`ERR ${'x'.repeat(1000)}`)).toHaveLength(301);
});

test('tells apart one error after the other', () => {
  expect(classifyError('OOM x').outcome).toBe('retryable');
  expect(classifyReply({ kind: 'error', text: 'BUSYKEY x' }).outcome).toBe('exists');
  expect(classifyReply({ kind: 'error', text: 'OOM x' }).outcome).toBe('retryable');
});

test('explains what a server says unasked', () => {
  expect(unaskedReplyError('h:1', { kind: 'error', text: 'ERR max number of clients reached' }).message).toBe('h:1: the server answered "ERR max number of clients reached".');
  expect(unaskedReplyError('h:1', { kind: 'error', text: 'ERR odd' }).exitCode).toBe(7);
  expect(unaskedReplyError('h:1', { kind: 'integer', value: 1 }).exitCode).toBe(7);
});
