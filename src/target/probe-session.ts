/** Questions to a target under one random key that is removed after each: what ends a probe, what only blocks a command. */

import { randomBytes } from 'node:crypto';
import { AuthError, RetryableError } from '../errors.js';
import type { RespConnection } from '../resp/connection.js';
import type { RespReply } from '../resp/decode.js';
import type { CommandArgument } from '../resp/encode.js';
import { classifyReply, errorForVerdict, serverWords } from '../resp/replies.js';
import type { BlockedCommand } from './profile.js';

/** Should we die, the key goes by itself. */
export const PROBE_TTL_MS = 60_000;

export class ProbeSession {
  readonly key = `redferry:probe:${randomBytes(12).toString('hex')}`;
  readonly blocked: BlockedCommand[] = [];
  readonly connection: RespConnection;

  constructor(connection: RespConnection) {
    this.connection = connection;
  }

  isBlocked(command: string): boolean {
    return this.blocked.some((entry) => entry.command === command);
  }

  /** Asks something; null where the command is blocked (noted) or not understood. Throws for what ends a probe: no login, LOADING, OOM, a replica … */
  async ask(args: readonly CommandArgument[]): Promise<RespReply | null> {
    const reply = await this.connection.call(args);
    if (reply.kind !== 'error') return reply;
    this.#judge(args, reply);
    return null;
  }

  /**
   * Tries writes of the probe key, one after the other, each removed at once. True where the answer was OK. They travel together,
   * so that a distant server is not asked forty times.
   */
  async tryWrites(attempts: readonly (readonly CommandArgument[])[]): Promise<boolean[]> {
    const replies = await Promise.all(attempts.map((args) => this.#tryWrite(args, [])));
    return replies.map(({ written }) => written);
  }

  /** As tryWrites for one write; afterwards asks `question` of the key before it is removed. */
  async tryWriteAndAsk(write: readonly CommandArgument[], question: readonly CommandArgument[]): Promise<RespReply | null> {
    const { written, answers } = await this.#tryWrite(write, [question]);
    return written ? (answers[0] ?? null) : null;
  }

  /** Tries `write` on a key that exists. */
  async tryOverwrite(first: readonly CommandArgument[], write: readonly CommandArgument[]): Promise<boolean> {
    const { written, answers } = await this.#tryWrite(first, [write]);
    return written && answers[0]?.kind === 'status';
  }

  async #tryWrite(write: readonly CommandArgument[], then: readonly (readonly CommandArgument[])[]): Promise<{ written: boolean; answers: RespReply[] }> {
    const commands = [write, ...then, ['DEL', this.key]];
    const [first, ...rest] = await Promise.all(commands.map((args) => this.connection.call(args)));
    const removed = rest.pop();
    if (first === undefined || removed === undefined) throw new Error('no reply');
    if (first.kind === 'error') this.#judge(write, first);
    if (removed.kind === 'error' && first.kind !== 'error') this.#explainLeftKey(removed.text);
    return { written: first.kind === 'status' || first.kind === 'integer', answers: rest };
  }

  #judge(args: readonly CommandArgument[], reply: RespReply & { kind: 'error' }): void {
    const command = String(args[0]);
    const verdict = classifyReply(reply);
    const permission = reply.text.startsWith('NOPERM');
    const unknown = /unknown (command|subcommand)|command is not allowed|not supported/i.test(reply.text);
    if (permission || unknown) {
      if (!this.isBlocked(command)) this.blocked.push({ command, text: serverWords(reply.text), permission });
      return;
    }
    if (verdict.outcome === 'auth' || verdict.outcome === 'retryable' || verdict.outcome === 'cluster') {
      throw errorForVerdict(verdict, `${this.connection.where}: ${command}`);
    }
    if (verdict.outcome === 'exists') {
      throw new RetryableError(`${this.connection.where}: the probe key ${this.key} exists although it was removed.`, { hint: 'Does a proxy spread commands over several servers? Give one server.' });
    }
  }

  #explainLeftKey(text: string): never {
    throw new AuthError(`${this.connection.where}: DEL: the server answered "${serverWords(text)}". The probe key ${this.key} expires by itself within a minute.`, {
      hint: 'Probing writes one small key and removes it: allow +del to this user.',
    });
  }
}
