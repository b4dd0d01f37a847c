// What the form for real cards does beyond HTML: Stripe's script puts its fields into the page and turns the card into the id of a means
// of payment; only that id goes into our form. A form that is sent again carries the same id, so that it asks for the same order.
import type {
  CardAnswer,
  CardError,
  CardField,
  CardFieldName,
  FieldOptions,
  OpenStripe,
  StripeJs,
} from './stripe-browser.ts';
import { STRIPE_JS_URL } from './stripe-browser.ts';

declare global {
  interface Window {
    Stripe?: OpenStripe;
  }
}

/** Then the page says that something is wrong. What comes later is welcome all the same. */
const LOAD_MS_MAX = 15_000;
const WORDS = {
  ready: 'You can enter your card now.',
  lost: 'The fields for your card could not be loaded. Nothing is ordered, and nothing was charged.',
  notAsked: 'Your card could not be handed to Stripe just now. Nothing is ordered. Please try again.',
};

const form = document.querySelector<HTMLFormElement>('form[data-publishable-key]');
if (form) takeCards(form);

function takeCards(form: HTMLFormElement): void {
  const parts: Parts = {
    form,
    method: form.querySelector<HTMLInputElement>('input[name="method"]')!,
    button: form.querySelector<HTMLButtonElement>('button')!,
    state: form.querySelector<HTMLElement>('[data-card-state]')!,
    fault: form.querySelector<HTMLElement>('[data-card-fault]')!,
    lost: form.querySelector<HTMLElement>('[data-card-lost]')!,
  };
  const late = setTimeout(() => sayLost(parts), LOAD_MS_MAX);
  openFields(parts)
    .then(({ stripe, number }) => {
      askBeforeSending(parts, () => stripe.createPaymentMethod({ type: 'card', card: number }));
      sayReady(parts);
    })
    .catch(() => sayLost(parts))
    .finally(() => clearTimeout(late));
}

interface Parts {
  readonly form: HTMLFormElement;
  /** Empty until Stripe has the card. */
  readonly method: HTMLInputElement;
  readonly button: HTMLButtonElement;
  readonly state: HTMLElement;
  readonly fault: HTMLElement;
  /** The way to load everything again. */
  readonly lost: HTMLElement;
}

function sayLost({ state, fault, lost }: Parts): void {
  state.textContent = '';
  fault.textContent = WORDS.lost;
  lost.hidden = false;
}

function sayReady({ button, state, fault, lost }: Parts): void {
  state.textContent = WORDS.ready;
  // What the server has said of the last attempt stays.
  if (!lost.hidden) fault.textContent = '';
  lost.hidden = true;
  button.disabled = false;
}

function loadStripe(): Promise<OpenStripe> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(new Error('Stripe’s script did not load'));
    const script = document.createElement('script');
    script.src = STRIPE_JS_URL;
    script.addEventListener('load', () => (window.Stripe ? resolve(window.Stripe) : fail()));
    script.addEventListener('error', fail);
    document.head.append(script);
  });
}

/** Resolves when every field can be written into. */
async function openFields(parts: Parts): Promise<{ stripe: StripeJs; number: CardField }> {
  const open = await loadStripe();
  const stripe = open(parts.form.dataset.publishableKey!, {
    locale: document.documentElement.lang,
    developerTools: { assistant: { enabled: false } },
  });
  const elements = stripe.elements();
  const fields: CardField[] = [];
  const ready: Promise<void>[] = [];
  for (const container of parts.form.querySelectorAll<HTMLElement>('[data-card-field]')) {
    const field = elements.create(container.dataset.cardField as CardFieldName, looksOf(parts));
    const fault = parts.form.querySelector(`[data-fault-of="${container.id}"]`)!;
    field.on('change', ({ error }) => {
      fault.textContent = error?.message ?? '';
      // Another card is another means of payment.
      parts.method.value = '';
    });
    ready.push(new Promise((resolve) => field.on('ready', resolve)));
    field.mount(container);
    fields.push(field);
  }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    for (const field of fields) field.update(looksOf(parts));
  });
  await Promise.all(ready);
  return { stripe, number: fields[0]! };
}

/** The page's own colours and type, as they are now. */
function looksOf({ form, state, fault }: Parts): FieldOptions {
  const { color, fontFamily, fontSize } = getComputedStyle(form);
  return {
    style: {
      base: {
        color,
        fontFamily,
        fontSize,
        iconColor: color,
        '::placeholder': { color: getComputedStyle(state).color },
      },
      invalid: { color: getComputedStyle(fault).color, iconColor: getComputedStyle(fault).color },
    },
  };
}

/** The form is sent in two steps: Stripe gets the card, then the shop gets its id. */
function askBeforeSending(parts: Parts, ask: () => Promise<CardAnswer>): void {
  const { form, method, button, fault } = parts;
  let isAsking = false;
  form.addEventListener('submit', (event) => {
    if (method.value) return;
    event.preventDefault();
    // The script of every page must not take the form for sent.
    event.stopPropagation();
    if (isAsking) return;
    isAsking = true;
    button.setAttribute('aria-busy', 'true');
    fault.textContent = '';
    void ask()
      .catch((): CardAnswer => ({}))
      .then((answer) => {
        isAsking = false;
        sendOrRefuse(parts, answer);
      });
  });
}

function sendOrRefuse({ form, method, button, fault }: Parts, { paymentMethod, error }: CardAnswer): void {
  if (paymentMethod) {
    method.value = paymentMethod.id;
    form.requestSubmit(button);
    return;
  }
  button.removeAttribute('aria-busy');
  fault.textContent = wordsAboutCard(error) ?? WORDS.notAsked;
}

/** Stripe's own words, where they are for customers: those about what was entered. */
function wordsAboutCard(error: CardError | undefined): string | undefined {
  const isForCustomers = error?.type === 'validation_error' || error?.type === 'card_error';
  return isForCustomers ? error.message : undefined;
}
