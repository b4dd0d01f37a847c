// What each page shows: the contract between the routes, which fill it, and the pages, which draw it. Types alone, so that the
// server's code is checked without the browser's types.
import type { Money } from '#contracts/money.ts';
import type { Cart, Category, Order, Payment, Product, ProductPage, Profile } from '../bff/answers.ts';
import type { CheckoutForm } from '../bff/checkout-form.ts';
import type { PaymentForm } from '../bff/payment-form.ts';

/** What every page knows of the visit. */
export interface Frame {
  readonly shopName: string;
  /** BCP 47, for amounts. */
  readonly locale: string;
  readonly cartCount: number;
  readonly isSignedIn: boolean;
  readonly notice?: string | undefined;
  /** Page of the mails, on a laptop alone. */
  readonly mailboxUrl?: string | undefined;
  /** Of the platform pages, where this visitor may look at them. */
  readonly platformUrl?: string | undefined;
  /** Pages of other programs: traces, metrics. Platform pages alone link to them. */
  readonly tools?: readonly Tool[] | undefined;
  readonly query?: string | undefined;
}

/** A page of another program. */
export interface Tool {
  readonly title: string;
  readonly url: string;
}

export interface FrameProps {
  readonly frame: Frame;
}

export interface HomeProps extends FrameProps {
  readonly categories: readonly Category[];
  readonly products: readonly Product[];
  /** Address of all that are not shown. */
  readonly nextUrl?: string | undefined;
}

export interface ListingProps extends FrameProps {
  readonly title: string;
  readonly categories: readonly Category[];
  readonly categoryId?: string;
  readonly page: ProductPage;
  /** Address of the next page. */
  readonly nextUrl?: string | undefined;
  /** Nothing was searched for yet. */
  readonly isAsking?: boolean;
}

export interface ProductProps extends FrameProps {
  readonly product: Product;
  readonly category?: Category | undefined;
}

export interface CartProps extends FrameProps {
  readonly cart: Cart;
}

/** Words of a refusal, by the field they belong to; `form` is for the form as a whole. */
export type Faults = Readonly<Record<string, string>>;

export interface FormProps extends FrameProps {
  readonly faults: Faults;
  readonly values: Readonly<Record<string, string>>;
}

export interface SignInProps extends FormProps {
  /** On a laptop: an account whose password anybody may see. */
  readonly sampleAdmin?: { readonly email: string; readonly password: string } | undefined;
}

export interface CheckoutLine {
  readonly productId: string;
  readonly name: string;
  readonly quantity: number;
  readonly lineTotal?: Money | undefined;
  readonly priceWhenAdded?: Money | undefined;
  /** Why it cannot be ordered so. */
  readonly fault?: string | undefined;
}

export interface CheckoutProps extends FrameProps {
  readonly lines: readonly CheckoutLine[];
  /** Missing where there is nothing that could be ordered as it is. */
  readonly form?: CheckoutForm | undefined;
  readonly total?: Money | undefined;
  /** Missing where the shop takes no payments. */
  readonly payment?: PaymentForm | undefined;
  readonly faults: Faults;
}

/** Nobody knows yet whether an order has been placed. */
export interface CheckoutUnsureProps extends FrameProps {
  readonly form: CheckoutForm;
  readonly method: string;
}

export interface OrderLineShown {
  readonly productId: string;
  readonly name: string;
  readonly quantity: number;
  /** Missing where a number does not hold it exactly. */
  readonly total?: Money | undefined;
}

export interface OrderStateProps {
  readonly order: Order;
  readonly payment?: Payment | undefined;
  readonly locale: string;
}

export interface OrderProps extends FrameProps, OrderStateProps {
  readonly lines: readonly OrderLineShown[];
  /** Where its changes come from; missing once it has ended. */
  readonly streamUrl?: string | undefined;
  /** The link to its journey through the platform, for visitors who may see that. */
  readonly journeyUrl?: string | undefined;
}

export interface OrdersProps extends FrameProps {
  readonly orders: readonly Order[];
  /** Address of the orders before these. */
  readonly nextUrl?: string | undefined;
  /** These are not the newest. */
  readonly isLater: boolean;
}

export interface AccountProps extends FrameProps {
  readonly profile: Profile;
  /** Of the platform pages, for those who may look at them. */
  readonly platformUrl?: string | undefined;
}

export interface FailureProps extends FrameProps {
  readonly title: string;
  readonly words: string;
}

export type Page<Props> = (props: Props) => string;

/** The shop's own pages, from what each shows to HTML. */
export interface Pages {
  readonly home: Page<HomeProps>;
  readonly listing: Page<ListingProps>;
  readonly product: Page<ProductProps>;
  readonly cart: Page<CartProps>;
  readonly signIn: Page<SignInProps>;
  readonly signUp: Page<FormProps>;
  readonly forgotPassword: Page<FormProps>;
  readonly verifyEmail: Page<FormProps>;
  readonly resetPassword: Page<FormProps>;
  readonly checkMail: Page<FrameProps>;
  readonly account: Page<AccountProps>;
  readonly checkout: Page<CheckoutProps>;
  readonly checkoutUnsure: Page<CheckoutUnsureProps>;
  readonly order: Page<OrderProps>;
  /** The part of the order's page that changes. */
  readonly orderState: Page<OrderStateProps>;
  readonly orders: Page<OrdersProps>;
  readonly failure: Page<FailureProps>;
}
