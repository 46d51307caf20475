import { type CredentialField, credentialFieldsOf } from '@whetstone/contract';
import { type ReactNode, useState } from 'react';
import { type Answer, call } from '../../api/client.ts';
import { Button } from '../../kit/button.tsx';
import { Dialog, DialogActions } from '../../kit/dialog.tsx';
import { Field, Input } from '../../kit/field.tsx';
import { Select } from '../../kit/select.tsx';
import { useAction } from '../../parts/use-action.ts';

type Credential = Answer<'credentials.list'>['records'][number];

/** The usual providers; any other server that speaks OpenAI's shape comes by its address. */
const providers = [
  { value: 'openai', label: 'OpenAI' },
  { value: 'anthropic', label: 'Anthropic' },
  { value: 'google', label: 'Google Gemini' },
  { value: 'mistral', label: 'Mistral' },
  { value: 'cohere', label: 'Cohere' },
  { value: 'azure', label: 'Azure OpenAI' },
  { value: 'bedrock', label: 'Amazon Bedrock' },
  { value: 'groq', label: 'Groq' },
  { value: 'together', label: 'Together' },
  { value: 'fireworks', label: 'Fireworks' },
  { value: 'openrouter', label: 'OpenRouter' },
  { value: 'deepseek', label: 'DeepSeek' },
  { value: 'xai', label: 'xAI' },
  { value: 'ollama', label: 'Ollama' },
  { value: 'vllm', label: 'vLLM' },
  { value: 'custom', label: 'Other, in OpenAI’s shape' },
  { value: 'google_search', label: 'Google Search, for tools' },
  { value: 'pinecone', label: 'Pinecone, for tools' },
  { value: 'chroma', label: 'Chroma, for tools' },
];
const keyless = new Set(['ollama', 'vllm', 'custom']);
const needsUrl = new Set(['custom']);
/** Services that tools ask; no model is behind them, and no model call can name them. */
const services: Record<string, { secret: string; url: string }> = {
  google_search: {
    secret: 'API key',
    url: 'Only for a stand-in of Google’s Custom Search; the search engine’s id is a setting of the tool.',
  },
  pinecone: { secret: 'API key', url: 'Empty: for all hosts of pinecone.io. The index is a setting of the tool.' },
  chroma: { secret: 'Token or API key', url: 'Of your own Chroma server. Empty: Chroma Cloud.' },
};
export function isService(provider: string): boolean {
  return Object.hasOwn(services, provider);
}

export function CredentialDialog({ credential, onClose }: { credential: Credential | null; onClose: () => void }): ReactNode {
  const [provider, setProvider] = useState(credential?.provider ?? 'openai');
  const [name, setName] = useState(credential?.name ?? 'openai');
  const [secret, setSecret] = useState('');
  const [url, setUrl] = useState(credential?.base_url ?? '');
  const [settings, setSettings] = useState<Record<string, string>>(credential?.settings ?? {});
  const fields = credentialFieldsOf(provider);
  const service = services[provider];
  const { busy, run } = useAction('The credential was not kept', ['credentials.list', 'models.list']);
  const urlChanged = credential !== null && url !== (credential.base_url ?? '');
  const moved =
    urlChanged || (credential !== null && fields.some(({ name: field, moves }) => moves && isChanged(field, settings, credential)));
  const save = async () => {
    const base_url = url.trim() === '' ? null : url.trim();
    const kept = await run(
      () =>
        credential === null
          ? call('credentials.create', { body: { name, provider, secret, base_url, settings: filled(settings, fields) } })
          : call('credentials.update', {
              params: { id: credential.id },
              body: {
                name,
                ...(secret === '' ? {} : { secret }),
                ...(urlChanged ? { base_url } : {}),
                ...(fields.length > 0 ? { settings: filled(settings, fields) } : {}),
              },
            }),
      'Credential kept',
    );
    if (kept) onClose();
  };
  return (
    <Dialog open onClose={onClose} title={credential === null ? 'Add a credential' : `Change ${credential.name}`}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {credential === null && (
          <Field label="Provider">
            {({ id }) => (
              <Select
                id={id}
                value={provider}
                options={providers}
                onChange={(next) => {
                  if (name === provider) setName(next);
                  setProvider(next);
                }}
              />
            )}
          </Field>
        )}
        <Field
          label="Name"
          hint={
            service === undefined
              ? `A prompt can name it: ${name || 'name'}/MODEL.`
              : 'The first of its provider serves every tool; a tool can name another as its credential.'
          }
        >
          {(props) => (
            <Input
              {...props}
              value={name}
              onChange={(event) => setName(event.target.value)}
              pattern="[A-Za-z0-9][A-Za-z0-9._\-]*"
              maxLength={64}
              spellCheck={false}
              className="font-mono"
            />
          )}
        </Field>
        {fields.map((field) => (
          <SettingField
            key={field.name}
            field={field}
            value={settings[field.name] ?? ''}
            required={field.required && (url.trim() === '' || field.name === 'region')}
            onChange={(value) => setSettings({ ...settings, [field.name]: value })}
          />
        ))}
        <Field
          label={labelOfSecret(provider, credential !== null)}
          hint={credential === null ? undefined : moved ? 'A new address needs the key again.' : 'Leave it empty to keep the present one.'}
        >
          {(props) => (
            <Input
              {...props}
              type="password"
              autoComplete="off"
              value={secret}
              onChange={(event) => setSecret(event.target.value)}
              required={(credential === null && !keyless.has(provider)) || moved}
            />
          )}
        </Field>
        <Field
          label={needsUrl.has(provider) ? 'Base URL' : 'Base URL (optional)'}
          hint={
            service !== undefined
              ? service.url
              : provider === 'azure'
                ? 'The endpoint, in place of the resource name.'
                : 'As in the vendor’s client; OpenAI’s shape ends in /v1.'
          }
        >
          {(props) => (
            <Input
              {...props}
              type="url"
              value={url}
              onChange={(event) => setUrl(event.target.value)}
              required={needsUrl.has(provider)}
              placeholder={provider === 'ollama' ? 'http://127.0.0.1:11434/v1' : 'https://…'}
              className="font-mono text-[12px]"
            />
          )}
        </Field>
        <DialogActions className="mt-0">
          <Button type="submit" look="primary" busy={busy} disabled={name === ''}>
            {credential === null ? 'Add credential' : 'Keep changes'}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function SettingField({
  field,
  value,
  required,
  onChange,
}: {
  field: CredentialField;
  value: string;
  required: boolean;
  onChange: (value: string) => void;
}): ReactNode {
  return (
    <Field label={field.label} hint={field.hint}>
      {(props) => (
        <Input
          {...props}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          pattern={field.pattern}
          required={required}
          spellCheck={false}
          className="font-mono text-[12px]"
        />
      )}
    </Field>
  );
}

function labelOfSecret(provider: string, replaces: boolean): string {
  const service = services[provider];
  if (service !== undefined) return replaces ? `New ${service.secret}` : service.secret;
  if (provider === 'bedrock') return replaces ? 'New secret access key or API key' : 'Secret access key, or API key';
  return replaces ? 'New API key' : 'API key';
}

function isChanged(name: string, settings: Record<string, string>, credential: Credential): boolean {
  return (settings[name] ?? '').trim() !== (credential.settings?.[name] ?? '');
}

/** What is not blank, of what this provider has. */
function filled(settings: Record<string, string>, fields: readonly CredentialField[]): Record<string, string> {
  return Object.fromEntries(
    fields.flatMap(({ name }) => {
      const value = settings[name]?.trim() ?? '';
      return value === '' ? [] : [[name, value]];
    }),
  );
}
