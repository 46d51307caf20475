import type { ReactNode } from 'react';
import { Field, Input } from '../../kit/field.tsx';

export interface Account {
  name: string;
  email: string;
  password: string;
}

/** Name, e-mail and a new password. `fixedEmail`: the invitation says whose it is. */
export function AccountFields({
  value,
  onChange,
  fixedEmail = false,
}: {
  value: Account;
  onChange: (value: Account) => void;
  fixedEmail?: boolean;
}): ReactNode {
  return (
    <>
      <Field label="Your name">
        {(props) => (
          <Input
            {...props}
            required
            autoFocus
            autoComplete="name"
            value={value.name}
            onChange={(event) => onChange({ ...value, name: event.target.value })}
            className="h-9"
          />
        )}
      </Field>
      <Field label="E-mail">
        {(props) => (
          <Input
            {...props}
            required
            type="email"
            autoComplete="username"
            readOnly={fixedEmail}
            value={value.email}
            onChange={(event) => onChange({ ...value, email: event.target.value })}
            className="h-9"
          />
        )}
      </Field>
      <NewPassword value={value.password} onChange={(password) => onChange({ ...value, password })} />
    </>
  );
}

export function NewPassword({
  value,
  onChange,
  label = 'Password',
}: {
  value: string;
  onChange: (value: string) => void;
  label?: string;
}): ReactNode {
  return (
    <Field label={label} hint="At least 8 characters. Length beats symbols.">
      {(props) => (
        <Input
          {...props}
          required
          type="password"
          minLength={8}
          autoComplete="new-password"
          value={value}
          onChange={(event) => onChange(event.target.value)}
          className="h-9"
        />
      )}
    </Field>
  );
}
