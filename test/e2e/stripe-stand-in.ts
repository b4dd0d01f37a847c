// Stripe in the browser of a spec, which reaches no network: requests to its origins are answered here. As with the real one, each field is
// a page of js.stripe.com in a frame, what is typed stays in there, and the shop's page gets the id of a means of payment.
import type { Page, Route } from 'playwright-core';

/** As long as Stripe's are. */
export const PAYMENT_METHOD = `pm_${'1A'.repeat(12)}`;
export const CARD = { number: '4242424242424242', expiry: '1230', code: '123' };

/** What the stand-in has seen, and how it answers. */
export interface StripeStandIn {
  /** Cards that were handed over. */
  readonly asked: string[];
  /** Of the API, for the next card. @default the id, at once */
  answer: (route: Route) => Promise<void>;
}

// What runs in the browser is text: the repository is checked without the DOM's types, as all of it runs on Node.
const SCRIPT = `window.Stripe = (key, { locale }) => {
  if (!/^pk_(test|live)_/.test(key) || locale !== 'en') throw new Error('the key or the language is wrong');
  const frames = [];
  const mark = ({ classList }, { complete, error }) => {
    classList.toggle('StripeElement--complete', complete);
    classList.toggle('StripeElement--invalid', Boolean(error));
  };
  const create = (name, { style }) => {
    const hears = { ready: [], change: [] };
    const frame = document.createElement('iframe');
    const send = (message) => frame.contentWindow.postMessage(message, 'https://js.stripe.com');
    const field = { name, isComplete: false };
    frames.push(field);
    addEventListener('message', ({ source, data }) => {
      if (source !== frame.contentWindow) return;
      if (data.kind === 'ready') send({ style });
      else mark(frame.parentElement, data.change);
      if (data.change) field.isComplete = data.change.complete;
      for (const hear of hears[data.kind]) hear(data.change);
    });
    return {
      on: (kind, hear) => hears[kind].push(hear),
      update: (options) => send(options),
      mount(container) {
        frame.title = 'Secure field';
        frame.src = 'https://js.stripe.com/stand-in/field.html#' + name;
        frame.width = '100%';
        frame.height = '22';
        frame.style.setProperty('border', '0', 'important');
        container.append(frame);
      },
    };
  };
  const createPaymentMethod = async () => {
    if (!frames.every(({ isComplete }) => isComplete))
      return { error: { type: 'validation_error', message: 'Your card is incomplete.' } };
    const answer = await fetch('https://api.stripe.com/v1/payment_methods', { method: 'POST', body: key });
    const body = await answer.json();
    return answer.ok ? { paymentMethod: body } : { error: body };
  };
  return { elements: () => ({ create }), createPaymentMethod };
};`;

const FIELD = `<!doctype html><html lang="en"><title>Field</title><body style="margin:0">
<input style="all:unset;width:100%" inputmode="numeric"><script>
const name = location.hash.slice(1);
const [label, length] = { cardNumber: ['Number', 16], cardExpiry: ['Expiry', 4], cardCvc: ['Code', 3] }[name];
const input = document.querySelector('input');
const tell = (message) => parent.postMessage(message, '*');
input.ariaLabel = label;
input.addEventListener('input', () => {
  const isWrong = input.value !== '' && /^\\D|^0{4}/.test(input.value);
  const error = isWrong ? { type: 'validation_error', message: label + ' is not valid.' } : undefined;
  tell({ kind: 'change', change: { complete: !isWrong && input.value.length === length, error } });
});
addEventListener('message', ({ data: { style } }) => Object.assign(input.style, { color: style.base.color }));
tell({ kind: 'ready' });
</script></body></html>`;

const CORS = { 'access-control-allow-origin': '*' };

/** Answers for Stripe on this page from now on. */
export async function standInForStripe(page: Page): Promise<StripeStandIn> {
  const standIn: StripeStandIn = {
    asked: [],
    answer: (route) => route.fulfill({ json: { id: PAYMENT_METHOD }, headers: CORS }),
  };
  await page.route('https://js.stripe.com/**', (route) =>
    route.request().url().includes('/field.html')
      ? route.fulfill({ contentType: 'text/html', body: FIELD })
      : route.fulfill({ contentType: 'text/javascript', body: SCRIPT }),
  );
  await page.route('https://api.stripe.com/**', async (route) => {
    standIn.asked.push(route.request().postData() ?? '');
    await standIn.answer(route);
  });
  return standIn;
}

/** What Stripe's API answers when it is away. */
export const refuseCard = (route: Route): Promise<void> =>
  route.fulfill({ status: 503, json: { type: 'api_error', message: 'not for customers' }, headers: CORS });

const FIELDS = [
  ['number', '#cardNumber'],
  ['expiry', '#cardExpiry'],
  ['code', '#cardCvc'],
] as const;
/** What is typed in a frame is known to the page a moment later. */
const isJudged = (page: Page, place: string, verdict: 'complete' | 'invalid'): Promise<void> =>
  page.locator(`${place}.StripeElement--${verdict}`).waitFor();

/** Into the frames, with a mouse; another part than that of `CARD` is a wrong one. */
export async function typeCard(page: Page, wrong: Partial<typeof CARD> = {}): Promise<void> {
  for (const [part, place] of FIELDS) {
    const frame = page.frameLocator(`${place} iframe`);
    await frame.locator('input').fill(wrong[part] ?? CARD[part]);
    await isJudged(page, place, wrong[part] === undefined ? 'complete' : 'invalid');
  }
}

/** Into the frames, with the keyboard alone, from what stands before them to the button after them. */
export async function tabThroughCard(page: Page): Promise<void> {
  for (const [part, place] of FIELDS) {
    await page.keyboard.press('Tab');
    // Frames of another origin are other processes: the focus arrives there a moment later.
    await page.frameLocator(`${place} iframe`).locator('input:focus').waitFor();
    await page.keyboard.type(CARD[part]);
    await isJudged(page, place, 'complete');
  }
  await page.keyboard.press('Tab');
  await page.locator('button:focus').waitFor();
}
