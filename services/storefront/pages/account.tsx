// Sign-up, sign-in, the links of the mails, the account.
import type { ComponentChildren } from 'preact';
import { Document } from './frame.tsx';
import { Field, FormFault } from './parts.tsx';
import type { AccountProps, FailureProps, FormProps, FrameProps, SignInProps } from './props.ts';

interface CardProps extends FormProps {
  readonly title: string;
  readonly lead?: string;
  readonly action: string;
  readonly button: string;
  readonly children: ComponentChildren;
  readonly below?: ComponentChildren;
  /** A panel of its own under the form's. */
  readonly beside?: ComponentChildren;
}

const FormCard = ({ frame, title, lead, action, button, faults, children, below, beside }: CardProps) => (
  <Document title={title} frame={frame}>
    <section class="panel narrow">
      <h1>{title}</h1>
      {lead && <p class="muted">{lead}</p>}
      <FormFault faults={faults} />
      <form method="post" action={action} class="stack">
        {children}
        <button class="button wide">{button}</button>
      </form>
      {below && <p class="below">{below}</p>}
    </section>
    {beside}
  </Document>
);

const Email = ({ values, faults }: FormProps) => (
  <Field
    name="email"
    label="E-mail"
    kind={{ type: 'email' }}
    autocomplete="email"
    value={values.email}
    faults={faults}
  />
);
const NewPassword = ({ faults }: FormProps) => (
  <Field
    name="password"
    label="New password"
    kind={{ type: 'password' }}
    autocomplete="new-password"
    hint="At least 12 characters. A few words make a good one."
    lengthMin={12}
    lengthMax={128}
    faults={faults}
  />
);
const Token = ({ values }: FormProps) => (
  <>
    <input type="hidden" name="token" value={values.token} />
    <p class="alert" data-token-missing hidden>
      This page needs the link of our mail: please open it from there.
    </p>
    <noscript>
      <p class="alert">
        Please allow scripts for this page: the secret in your link never leaves your browser by itself.
      </p>
    </noscript>
  </>
);

export const SignIn = (props: SignInProps) => (
  <FormCard
    {...props}
    title="Sign in"
    action="/account/sign-in"
    button="Sign in"
    below={
      <>
        New here? <a href="/account/sign-up">Create an account</a> ·{' '}
        <a href="/account/forgot-password">Forgot your password?</a>
      </>
    }
    beside={props.sampleAdmin && <SampleAdmin {...props.sampleAdmin} next={props.values.next} />}
  >
    {props.values.next && <input type="hidden" name="next" value={props.values.next} />}
    <Email {...props} />
    <Field
      name="password"
      label="Password"
      kind={{ type: 'password' }}
      autocomplete="current-password"
      lengthMax={512}
      faults={props.faults}
    />
  </FormCard>
);

/** As the test cards are at the checkout. */
const SampleAdmin = ({
  email,
  password,
  next,
}: {
  email: string;
  password: string;
  next?: string | undefined;
}) => (
  <section class="panel narrow" aria-labelledby="sample-admin">
    <h2 id="sample-admin">The admin of this laptop</h2>
    <p class="muted">
      This shop runs on your machine, so it shows you who sells in it. Nothing deployed has such an account.
    </p>
    <dl class="pairs">
      <dt>E-mail</dt>
      <dd class="code">{email}</dd>
      <dt>Password</dt>
      <dd class="code">{password}</dd>
    </dl>
    <form method="post" action="/account/sign-in">
      <input type="hidden" name="email" value={email} />
      <input type="hidden" name="password" value={password} />
      <input type="hidden" name="next" value={next || 'seller'} />
      <button class="button quiet wide">Sign in as this admin</button>
    </form>
  </section>
);

export const SignUp = (props: FormProps) => (
  <FormCard
    {...props}
    title="Create an account"
    lead="We send you a mail; its link sets your password."
    action="/account/sign-up"
    button="Send me the mail"
    below={
      <>
        You have one? <a href="/account/sign-in">Sign in</a>
      </>
    }
  >
    <Field
      name="name"
      label="Name"
      autocomplete="name"
      value={props.values.name}
      lengthMax={100}
      isOptional
      faults={props.faults}
    />
    <Email {...props} />
  </FormCard>
);

export const ForgotPassword = (props: FormProps) => (
  <FormCard
    {...props}
    title="Forgot your password?"
    lead="We send you a mail with a link to set a new one."
    action="/account/forgot-password"
    button="Send me the mail"
  >
    <Email {...props} />
  </FormCard>
);

export const VerifyEmail = (props: FormProps) => (
  <FormCard
    {...props}
    title="Confirm your e-mail"
    lead="Choose a password; then you can sign in."
    action="/account/verify-email"
    button="Confirm"
  >
    <Token {...props} />
    <NewPassword {...props} />
  </FormCard>
);

export const ResetPassword = (props: FormProps) => (
  <FormCard {...props} title="Set a new password" action="/account/reset-password" button="Set password">
    <Token {...props} />
    <NewPassword {...props} />
  </FormCard>
);

export const CheckMail = ({ frame }: FrameProps) => (
  <Document title="Look into your mail" frame={frame}>
    <section class="panel narrow">
      <h1>Look into your mail</h1>
      <p class="muted">
        If the address can be used, a mail with a link is on its way. The link works for 30 minutes.
      </p>
      {frame.mailboxUrl && (
        <p>
          <a class="button" href={frame.mailboxUrl}>
            Open the mailbox of this laptop
          </a>
        </p>
      )}
    </section>
  </Document>
);

export const Account = ({ frame, profile, platformUrl }: AccountProps) => (
  <Document title="Account" frame={frame}>
    <section class="panel narrow">
      <h1>{profile.name ? `Hello, ${profile.name}` : 'Your account'}</h1>
      <p class="muted">{profile.email}</p>
      <p>
        <a class="solo" href="/orders">
          Your orders
        </a>
      </p>
      {profile.role === 'admin' && (
        <p>
          <a href="/seller">Sell: products, stock, photos</a>
        </p>
      )}
      {platformUrl && (
        <p>
          <a href={platformUrl}>Watch the platform</a>
        </p>
      )}
      <form method="post" action="/account/sign-out">
        <button class="button quiet">Sign out</button>
      </form>
    </section>
  </Document>
);

export const Failure = ({ frame, title, words }: FailureProps) => (
  <Document title={title} frame={frame}>
    <section class="empty">
      <h1>{title}</h1>
      <p>{words}</p>
      <p>
        <a class="button" href="/">
          To the shop
        </a>
      </p>
    </section>
  </Document>
);
