/**
 * What an error reply means for a run: one table from the server's words to what to do next.
 * Words: `shared.*err` in src/server.c and the replies of restoreCommand, setCommand, selectCommand and ACL checks
 * (redis 2.8.24 to 7.4.1, valkey 8.0.1).
 */

import { AuthError, CheckFailedError, RetryableError, UnsupportedInputError, type InputPlace, type RedferryError } from '../errors.js';
import type { RespReply } from './decode.js';

/**
 * `ok` written · `exists` the key is there and was left alone · `key` this key alone is refused · `retryable` nothing can be
 * written now · `auth` no permission · `cluster` the node sends us elsewhere · `refused` the server will not take this command
 * at all. All but the first three end the run.
 */
export type ReplyOutcome = 'ok' | 'exists' | 'key' | 'retryable' | 'auth' | 'cluster' | 'refused';

interface ReplyRule {
  /** Matched against the start of the error's text. */
  readonly starts: string | RegExp;
  readonly outcome: ReplyOutcome;
  /** What to do next. */
  readonly hint: string;
}

const CONFLICT = 'Choose --on-conflict skip or --on-conflict replace.';
const SEE_LOG = 'See the log of the server (or proxy), then run the same command again.';
const WAIT = 'Wait until it is ready, then run the same command again.';
const CLUSTER = 'Clusters are not supported yet: give a standalone server.';
const ACL = 'Give a user that may run this command on these keys: ACL SETUSER <user> +restore +set +select +del +info ~*';
const CREDENTIALS = 'Set REDFERRY_TARGET_PASSWORD (and REDFERRY_TARGET_USERNAME for an ACL user), or correct them.';
const VALUE = 'The key was not written. See the failures list for its place in the backup.';

const RULES: readonly ReplyRule[] = [
  { starts: 'BUSYKEY', outcome: 'exists', hint: CONFLICT },
  { starts: 'ERR Target key name is busy', outcome: 'exists', hint: CONFLICT },

  { starts: 'LOADING', outcome: 'retryable', hint: WAIT },
  { starts: 'OOM', outcome: 'retryable', hint: 'Raise maxmemory at the target or free memory there, then run the same command again.' },
  { starts: 'MISCONF', outcome: 'retryable', hint: 'The target cannot save its data to disk: see its log, then run the same command again.' },
  { starts: 'READONLY', outcome: 'retryable', hint: 'The target is a replica: give its master, or promote it.' },
  { starts: 'MASTERDOWN', outcome: 'retryable', hint: 'The target is a replica without its master: give the master.' },
  { starts: 'CLUSTERDOWN', outcome: 'retryable', hint: WAIT },
  { starts: 'NOREPLICAS', outcome: 'retryable', hint: 'The target wants more replicas (min-replicas-to-write): start them, then run the same command again.' },
  { starts: 'BUSY ', outcome: 'retryable', hint: 'The target runs a script: wait or stop it with SCRIPT KILL or FUNCTION KILL.' },
  { starts: 'ERR max number of clients', outcome: 'retryable', hint: 'Raise maxclients at the target or close connections, then run the same command again.' },

  { starts: 'MOVED', outcome: 'cluster', hint: CLUSTER },
  { starts: 'ASK ', outcome: 'cluster', hint: CLUSTER },
  { starts: 'TRYAGAIN', outcome: 'cluster', hint: CLUSTER },
  { starts: 'CROSSSLOT', outcome: 'cluster', hint: CLUSTER },
  { starts: 'ERR SELECT is not allowed in cluster mode', outcome: 'cluster', hint: CLUSTER },

  { starts: 'NOAUTH', outcome: 'auth', hint: CREDENTIALS },
  { starts: 'WRONGPASS', outcome: 'auth', hint: CREDENTIALS },
  { starts: 'ERR invalid password', outcome: 'auth', hint: CREDENTIALS },
  { starts: 'ERR operation not permitted', outcome: 'auth', hint: CREDENTIALS },
  { starts: /^ERR (AUTH <password> called without any password|Client sent AUTH, but no password is set)/, outcome: 'auth', hint: 'The target asks for no password: unset REDFERRY_TARGET_PASSWORD.' },
  { starts: /^ERR wrong number of arguments for 'auth' command/i, outcome: 'auth', hint: 'The target knows no ACL users (Redis 6.0 has them first): unset REDFERRY_TARGET_USERNAME.' },
  { starts: 'NOPERM', outcome: 'auth', hint: ACL },
  { starts: 'DENIED', outcome: 'auth', hint: 'The target is in protected mode: set a password there, or connect from its own machine.' },

  { starts: /^ERR (unknown command|unknown subcommand|command is not allowed)/i, outcome: 'refused', hint: 'The target blocks this command, or is too old to have it.' },
  { starts: 'ERR Protocol error', outcome: 'refused', hint: 'A value is larger than the target takes: raise proto-max-bulk-len and client-query-buffer-limit there.' },
  { starts: 'ERR DB index is out of range', outcome: 'refused', hint: 'The target has fewer databases: raise `databases` there, or move dbs with --db-map.' },
  { starts: /^ERR invalid DB index/i, outcome: 'refused', hint: 'The target has fewer databases: raise `databases` there, or move dbs with --db-map.' },
  { starts: /^ERR value is out of range/i, outcome: 'key', hint: VALUE },

  { starts: 'ERR Bad data format', outcome: 'key', hint: VALUE },
  { starts: 'ERR DUMP payload version or checksum are wrong', outcome: 'key', hint: VALUE },
  { starts: 'WRONGTYPE', outcome: 'key', hint: VALUE },
  { starts: /^ERR invalid (TTL|expire time)/i, outcome: 'key', hint: VALUE },
  { starts: /^ERR string exceeds maximum allowed size/i, outcome: 'key', hint: VALUE },
];

/** An error nobody listed concerns, as far as one can tell, the key it answers. */
const UNLISTED: Omit<ReplyRule, 'starts'> = { outcome: 'key', hint: VALUE };

export interface ReplyVerdict {
  readonly outcome: ReplyOutcome;
  /** The server's words, fit to show; empty for `ok`. */
  readonly text: string;
  /** What to do next; empty for `ok`. */
  readonly hint: string;
}

const OK: ReplyVerdict = Object.freeze({ outcome: 'ok', text: '', hint: '' });
const NOT_SET: ReplyVerdict = Object.freeze({
  outcome: 'exists',
  text: 'the key exists (SET NX answered nil)',
  hint: CONFLICT,
});

let lastText = '';
let lastVerdict: ReplyVerdict = OK;

/** What a reply to RESTORE, SET or SELECT means. A flood of one error is judged once. */
export function classifyReply(reply: RespReply): ReplyVerdict {
  if (reply.kind === 'status' && reply.text === 'OK') return OK;
  if (reply.kind === 'nil') return NOT_SET;
  if (reply.kind !== 'error') return { outcome: 'refused', text: `neither OK nor an error, but a reply of kind ${reply.kind}`, hint: 'Is this a Redis or Valkey server, or a proxy in between?' };
  if (reply.text !== lastText) {
    lastText = reply.text;
    lastVerdict = classifyError(reply.text);
  }
  return lastVerdict;
}

/** What an error's words mean. */
export function classifyError(words: string): ReplyVerdict {
  const rule = RULES.find(({ starts }) => (typeof starts === 'string' ? words.startsWith(starts) : starts.test(words))) ?? UNLISTED;
  return { outcome: rule.outcome, text: serverWords(words), hint: rule.hint };
}

/**
 * The error that ends a run for a verdict other than `ok` and `exists`. `where` names what was asked of whom
 * ("127.0.0.1:6379: RESTORE"); `place` is the key's place in the input, for `key`.
 */
export function errorForVerdict(verdict: ReplyVerdict, where: string, details: { progress?: string; place?: InputPlace } = {}): RedferryError {
  const message = `${where}: the server answered "${verdict.text}".${details.progress === undefined ? '' : ` ${details.progress}`}`;
  const { hint } = verdict;
  switch (verdict.outcome) {
    case 'auth':
      return new AuthError(message, { hint });
    case 'cluster':
      return new CheckFailedError(message, ['target.cluster'], { hint });
    case 'refused':
      return new CheckFailedError(message, ['target.commands'], { hint });
    case 'key':
    case 'exists':
      return new UnsupportedInputError(details.place ?? { source: where, offset: null }, `the server answered "${verdict.text}".`, { hint });
    case 'ok':
    case 'retryable':
      return new RetryableError(`${where}: the server answered "${verdict.text}".`, { hint, progress: details.progress });
  }
}

/** A reply of the server's own accord: too many clients, protected mode, or what is wrong with a command it did not read to its end. */
export function unaskedReplyError(where: string, reply: RespReply, progress?: string): RedferryError {
  const details = progress === undefined ? {} : { progress };
  if (reply.kind === 'error') {
    const verdict = classifyError(reply.text);
    return errorForVerdict(verdict.outcome === 'key' ? { ...verdict, outcome: 'retryable', hint: SEE_LOG } : verdict, where, details);
  }
  return new RetryableError(`${where}: a reply (${reply.kind}) that nothing asked for.`, { ...details, hint: 'Is this a Redis or Valkey server, or a proxy in between?' });
}

/** A server's words fit to show: one line, no terminal control, and no arguments quoted back (they may hold a password or key). */
export function serverWords(text: string): string {
  const cut = text.search(/,? with args beginning with/);
  const words = (cut < 0 ? text : text.slice(0, cut)).replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
  return words.length > 300 ? `${words.slice(0, 300)}…` : words;
}
