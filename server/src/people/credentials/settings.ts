import { AppError, credentialFieldsOf } from '@whetstone/contract';

export type CredentialSettings = Record<string, string>;

/** The settings that the provider knows, cleared of blanks. Throws what is wrong, naming the field. */
export function checkedSettings(provider: string, given: CredentialSettings, baseUrl: string | null): CredentialSettings {
  const fields = credentialFieldsOf(provider);
  const unknown = Object.keys(given).find((name) => !fields.some((field) => field.name === name));
  if (unknown !== undefined) {
    const known = fields.map(({ name }) => `\`${name}\``).join(', ');
    throw wrong(
      unknown,
      known === ''
        ? `A credential of \`${provider}\` has no settings.`
        : `\`${unknown}\` is no setting of \`${provider}\`; it has ${known}.`,
    );
  }
  const settings: CredentialSettings = {};
  for (const { name, label, pattern, required } of fields) {
    const value = (Object.hasOwn(given, name) ? given[name] : undefined)?.trim() ?? '';
    if (value === '') {
      // AWS signs for a region wherever the request goes.
      if (required && (baseUrl === null || name === 'region')) throw wrong(name, `${label} is missing.`);
      continue;
    }
    if (!new RegExp(`^(?:${pattern})$`).test(value)) throw wrong(name, `${label} has not the form that it has at \`${provider}\`.`);
    settings[name] = value;
  }
  return settings;
}

/** What of the settings decides where the secret is sent, as part of what it is sealed for. */
export function placeOf(provider: string, settings: CredentialSettings): string[] {
  return credentialFieldsOf(provider)
    .filter(({ name, moves }) => moves && settings[name] !== undefined)
    .map(({ name }) => `${name}:${settings[name]}`);
}

function wrong(name: string, msg: string): AppError {
  return new AppError('invalid_input', msg, { details: [{ loc: ['body', 'settings', name], msg, type: 'value_error' }] });
}
