// The mailbox of a laptop, where nothing may really be sent: what it keeps. Pure.
import type { Mailer } from '../domain.ts';

/** A mail that has arrived. */
export interface ReceivedMail {
  readonly mailId: number;
  readonly recipient: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly receivedAt: Date;
}

export interface Mailbox extends Mailer {
  /** Newest first, older than the mail of this id. */
  list(limit: number, beforeMailId?: number): Promise<ReceivedMail[]>;
  read(mailId: number): Promise<ReceivedMail | undefined>;
}
