// Mails in, a table out: the mailbox of a laptop, where nothing may really be sent. A repeated Message-ID is kept once, as mail
// programs do.
import type { Pool } from '#runtime/postgres/database.ts';
import type { Mailbox, ReceivedMail } from './domain.ts';

/** Older ones are thrown away. */
const MAILS_KEPT = 1_000;
const COLUMNS = `mail_id AS "mailId", recipient, subject, text_body AS text, html_body AS html,
  received_at AS "receivedAt"`;

export const createMailboxStore = (pool: Pool): Mailbox => ({
  send: async ({ messageId, to, subject, text, html }) => {
    await pool.query(
      `INSERT INTO mailbox (message_id, recipient, subject, text_body, html_body) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (message_id) DO NOTHING`,
      [messageId, to, subject, text, html],
    );
    await pool.query('DELETE FROM mailbox WHERE mail_id <= (SELECT max(mail_id) - $1 FROM mailbox)', [
      MAILS_KEPT,
    ]);
    return 'accepted';
  },
  list: async (limit, beforeMailId) => {
    const { rows } = await pool.query<ReceivedMail>(
      `SELECT ${COLUMNS} FROM mailbox WHERE $2::bigint IS NULL OR mail_id < $2 ORDER BY mail_id DESC LIMIT $1`,
      [limit, beforeMailId ?? null],
    );
    return rows;
  },
  read: async (mailId) => {
    const { rows } = await pool.query<ReceivedMail>(`SELECT ${COLUMNS} FROM mailbox WHERE mail_id = $1`, [
      mailId,
    ]);
    return rows[0];
  },
});
