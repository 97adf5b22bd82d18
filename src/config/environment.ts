/** The only place that reads the environment. */

export type Environment = Readonly<Record<string, string | undefined>>;

export function processEnvironment(): Environment {
  return process.env;
}

/** Colour and redrawing are for terminals that can show them; https://no-color.org: any non-empty value. */
export function terminalWishes(env: Environment): { colour: boolean; redraw: boolean } {
  const dumb = env['TERM'] === 'dumb';
  return { colour: !dumb && (env['NO_COLOR'] ?? '') === '', redraw: !dumb };
}

/** Name of the user's shell ("bash"), for `redferry completion` without an argument. */
export function loginShell(env: Environment): string | null {
  return env['SHELL']?.split('/').pop() ?? null;
}
