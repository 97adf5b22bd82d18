/** Module ids: nine characters of six bits, then ten bits of version (redis 7.4 src/module.c moduleTypeNameByID). */

const CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

export function moduleName(id: bigint): string {
  let name = '';
  for (let i = 0n; i < 9n; i++) name += CHARACTERS[Number((id >> (58n - 6n * i)) & 63n)] ?? '';
  return name;
}

/** The id of a module type's name, with version 0. Throws where it is not nine such characters. */
export function moduleTypeId(name: string): bigint {
  let id = 0n;
  for (const character of name) {
    const value = CHARACTERS.indexOf(character);
    if (value < 0) throw new RangeError(`no module type is named ${name}`);
    id = (id << 6n) | BigInt(value);
  }
  if (name.length !== 9) throw new RangeError(`no module type is named ${name}`);
  return id << 10n;
}
