// Settings of the notification service.
import { z } from 'zod';
import { wholeNumber } from '#runtime/config.ts';
import { serviceConfig } from '#runtime/service.ts';

export const notificationConfig = {
  ...serviceConfig,
  USER_SERVICE_URL: z.url().describe('where the user service answers, without a path'),
  SHOP_NAME: z.string().min(1).default('Two-Cloud Shop').describe('who the mails are from, in words'),
  SHOP_URL: z.url().describe('of the storefront; links in mails are made under it'),
  MAIL_TRANSPORT: z
    .enum(['ses', 'smtp', 'mailbox'])
    .describe('ses and smtp send; mailbox shows the mails at /mailbox to anybody, for a laptop only'),
  MAIL_FROM: z.email().describe('sender address; its domain must be one that the mail server may send for'),
  MAIL_ATTEMPTS_MAX: wholeNumber(1, 100)
    .default(12)
    .describe('attempts at a mail before it is given up; 12 take about three hours'),
  SES_CONFIGURATION_SET: z
    .string()
    .optional()
    .describe('of Amazon SES: how it treats our mails; needed for MAIL_TRANSPORT=ses'),
  AWS_REGION: z.string().default('eu-central-1').describe('region of Amazon SES'),
  AWS_ENDPOINT_URL_SESV2: z.url().optional().describe('another address of Amazon SES than AWS itself'),
  SMTP_HOST: z.string().optional().describe('mail server; needed for MAIL_TRANSPORT=smtp'),
  SMTP_PORT: wholeNumber(1, 65_535).default(587).describe('port of the mail server'),
  SMTP_TLS: z
    .enum(['starttls', 'implicit', 'none'])
    .default('starttls')
    .describe('how the mail server is spoken to; none is for one on the same machine'),
  SMTP_USER: z.string().optional().describe('name at the mail server; with it SMTP_PASSWORD is needed'),
  SMTP_PASSWORD: z.string().optional().describe('password at the mail server'),
};
export type NotificationConfig = z.infer<z.ZodObject<typeof notificationConfig>>;
