// Facts and language in, letters out: every sentence that a customer reads. Pure. Both languages have the same letters, by type.
import { moneyText } from '#contracts/money.ts';
import type { CancellationReason } from '#contracts/orders.ts';
import type { ChallengePurpose } from '#contracts/users.ts';
import type { Facts, Letter } from '../domain.ts';
import { type Draft, type Language, writeLetter } from './domain.ts';

/** What letters need beside their facts. */
export interface LetterSettings {
  readonly shopName: string;
  /** Of the storefront; links are made under it. */
  readonly shopUrl: string;
}

export interface LetterRequest extends LetterSettings {
  /** BCP 47; what is not German is written in English. */
  readonly locale: string;
  readonly facts: Facts;
  /** Of a challenge. */
  readonly token?: string;
}

/** Writes the letter about the facts. */
export function writeLetterOf(request: LetterRequest): Letter {
  const language: Language = /^de([-_]|$)/i.test(request.locale) ? 'de' : 'en';
  const { greeting, closing } = FRAMES[language](request.shopName);
  const { subject, paragraphs, label } = DRAFTERS[language](request.facts);
  const action = { label, url: actionUrl(request) };
  return writeLetter(language, { subject, greeting, paragraphs, action, closing });
}

interface Core extends Pick<Draft, 'subject' | 'paragraphs'> {
  /** Of the link. */
  readonly label: string;
}

const FRAMES: Readonly<Record<Language, (shop: string) => Pick<Draft, 'greeting' | 'closing'>>> = {
  en: (shop) => ({ greeting: 'Hello,', closing: `${shop}. This mail was written by a machine.` }),
  de: (shop) => ({ greeting: 'Guten Tag,', closing: `${shop}. Diese Mail hat eine Maschine geschrieben.` }),
};

const DRAFTERS: Readonly<Record<Language, (facts: Facts) => Core>> = {
  en: inEnglish,
  de: inGerman,
};

function inEnglish(facts: Facts): Core {
  if ('challengeId' in facts) return CHALLENGES.en[facts.template];
  switch (facts.template) {
    case 'order-confirmed':
      return {
        subject: `Your order ${facts.orderId} is confirmed`,
        paragraphs: [
          `Thank you. We have received ${moneyText(facts.total, 'en')} for order ${facts.orderId}.`,
        ],
        label: 'See the order',
      };
    case 'order-cancelled':
      return {
        subject: `Your order ${facts.orderId} was cancelled`,
        paragraphs: [
          REASONS.en[facts.reason],
          `What was paid of ${moneyText(facts.total, 'en')}, if anything, goes back to you.`,
        ],
        label: 'See the order',
      };
    case 'payment-refunded':
      return {
        subject: `Your money for order ${facts.orderId} is on its way back`,
        paragraphs: [
          `We have refunded ${moneyText(facts.amount, 'en')}. Your bank may take some days to show it.`,
        ],
        label: 'See the order',
      };
  }
}

function inGerman(facts: Facts): Core {
  if ('challengeId' in facts) return CHALLENGES.de[facts.template];
  switch (facts.template) {
    case 'order-confirmed':
      return {
        subject: `Ihre Bestellung ${facts.orderId} ist bestätigt`,
        paragraphs: [
          `Vielen Dank. Wir haben ${moneyText(facts.total, 'de')} für die Bestellung ${facts.orderId} erhalten.`,
        ],
        label: 'Bestellung ansehen',
      };
    case 'order-cancelled':
      return {
        subject: `Ihre Bestellung ${facts.orderId} wurde storniert`,
        paragraphs: [
          REASONS.de[facts.reason],
          `Was von ${moneyText(facts.total, 'de')} schon bezahlt war, erhalten Sie zurück.`,
        ],
        label: 'Bestellung ansehen',
      };
    case 'payment-refunded':
      return {
        subject: `Ihr Geld für die Bestellung ${facts.orderId} ist unterwegs`,
        paragraphs: [
          `Wir haben ${moneyText(facts.amount, 'de')} erstattet. Bis es auf dem Konto steht, kann es einige Tage dauern.`,
        ],
        label: 'Bestellung ansehen',
      };
  }
}

const CHALLENGES: Readonly<Record<Language, Readonly<Record<ChallengePurpose, Core>>>> = {
  en: {
    'verify-email': {
      subject: 'Confirm your e-mail address',
      paragraphs: [
        'Please confirm that this address is yours, and choose the password of your account. The link works once, and only for a short time.',
        'If you did not open an account with us, you need do nothing.',
      ],
      label: 'Confirm address',
    },
    'reset-password': {
      subject: 'Choose a new password',
      paragraphs: [
        'Somebody, probably you, asked for a new password. The link works once, and only for a short time.',
        'If it was not you, you need do nothing: your password stays as it is.',
      ],
      label: 'Choose a new password',
    },
  },
  de: {
    'verify-email': {
      subject: 'Bitte bestätigen Sie Ihre E-Mail-Adresse',
      paragraphs: [
        'Bitte bestätigen Sie, dass diese Adresse Ihnen gehört, und wählen Sie das Passwort Ihres Kontos. Der Link gilt einmal und nur für kurze Zeit.',
        'Wenn Sie kein Konto bei uns eröffnet haben, müssen Sie nichts tun.',
      ],
      label: 'Adresse bestätigen',
    },
    'reset-password': {
      subject: 'Wählen Sie ein neues Passwort',
      paragraphs: [
        'Jemand, wahrscheinlich Sie, hat um ein neues Passwort gebeten. Der Link gilt einmal und nur für kurze Zeit.',
        'Wenn Sie es nicht waren, müssen Sie nichts tun: Ihr Passwort bleibt, wie es ist.',
      ],
      label: 'Neues Passwort wählen',
    },
  },
};

const REASONS: Readonly<Record<Language, Readonly<Record<CancellationReason, string>>>> = {
  en: {
    'stock-rejected': 'We are sorry: we no longer have enough of what you ordered.',
    'payment-failed': 'We are sorry: the payment did not succeed.',
    expired: 'The order was not paid in time.',
    'by-customer': 'You cancelled this order.',
  },
  de: {
    'stock-rejected': 'Es tut uns leid: Was Sie bestellt haben, ist nicht mehr in ausreichender Menge da.',
    'payment-failed': 'Es tut uns leid: Die Zahlung hat nicht geklappt.',
    expired: 'Die Bestellung wurde nicht rechtzeitig bezahlt.',
    'by-customer': 'Sie haben diese Bestellung storniert.',
  },
};

/** A token is a fragment: no server, proxy or Referer header ever sees it. */
function actionUrl({ shopUrl, facts, token }: LetterRequest): string {
  const base = shopUrl.endsWith('/') ? shopUrl : `${shopUrl}/`;
  if ('orderId' in facts) return new URL(`orders/${encodeURIComponent(facts.orderId)}`, base).href;
  const url = new URL(`account/${facts.template}`, base);
  url.hash = `token=${encodeURIComponent(token ?? '')}`;
  return url.href;
}
