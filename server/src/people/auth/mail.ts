import type { Transporter } from 'nodemailer';
import type { PeopleLog } from '../ground.ts';

export interface Mail {
  /** Returns at once and never throws: an admin has the link, too, and a mail server's trouble is the operator's. */
  send(message: { to: string; subject: string; text: string }): void;
  /** Waits for what is being sent. */
  close(): Promise<void>;
}

/** @param smtpUrl `smtp://user:password@host:587?from=whetstone@example.com`; without `from` the user, else `whetstone@HOST` */
export function createMail(smtpUrl: string, log: PeopleLog): Mail {
  const url = new URL(smtpUrl);
  const user = decodeURIComponent(url.username);
  const from = url.searchParams.get('from') ?? (user.includes('@') ? user : `whetstone@${url.hostname}`);
  url.searchParams.delete('from');
  let made: Promise<Transporter> | undefined;
  const transport = async (): Promise<Transporter> => {
    const { createTransport } = await import('nodemailer');
    return createTransport(url.href, { from: { name: 'Whetstone', address: from } });
  };
  const sending = new Set<Promise<unknown>>();
  return {
    send({ to, subject, text }) {
      made ??= transport();
      const sent = made
        .then((via) => via.sendMail({ to: { name: '', address: to }, subject: subject.replaceAll(/[\r\n]+/g, ' '), text }))
        .catch((error: unknown) => log.error({ err: error }, 'a mail was not sent'))
        .finally(() => sending.delete(sent));
      sending.add(sent);
    },
    async close() {
      await Promise.all(sending);
      (await made)?.close();
    },
  };
}
