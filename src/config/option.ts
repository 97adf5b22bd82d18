/**
 * One schema per option group: flag, kind of value, default and help in one place. The command line,
 * the environment twin REDFERRY_<FLAG>, validation, help and shell completion are all made from it.
 */

import type { ValueKind } from './value-kinds.js';

export interface OptionSpec<T> {
  readonly kind: ValueKind<T>;
  /** The one place where the default stands. */
  readonly default: T;
  /** One or two sentences, no default in them: help adds it. */
  readonly help: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec<unknown>>>;

export interface OptionGroup<S extends OptionSpecs = OptionSpecs> {
  /** Heading in help: "Which keys". */
  readonly title: string;
  /** By flag, without the dashes. */
  readonly options: S;
}

export type Values<G extends OptionGroup> = {
  [F in keyof G['options']]: G['options'][F] extends OptionSpec<infer T> ? T : never;
};

/** Keeps the type of each option; otherwise the identity. */
export function defineGroup<S extends OptionSpecs>(title: string, options: S): OptionGroup<S> {
  return { title, options };
}

export function option<T>(kind: ValueKind<T>, fallback: NoInfer<T>, help: string): OptionSpec<T> {
  return { kind, default: fallback, help };
}

/** An option that has no default. */
export function optional<T>(kind: ValueKind<T>, help: string): OptionSpec<T | undefined> {
  return { kind: { ...kind, show: (value) => (value === undefined ? '' : kind.show(value)) }, default: undefined, help };
}

/** `on-conflict` → `REDFERRY_ON_CONFLICT`. */
export function envName(flag: string): string {
  return `REDFERRY_${flag.toUpperCase().replaceAll('-', '_')}`;
}
