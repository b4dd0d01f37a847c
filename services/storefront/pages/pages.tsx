// All pages, each a function from what it shows to HTML. The server imports what `build.ts` makes of this file.
import type { ComponentType } from 'preact';
import { h } from 'preact';
import { renderToString } from 'preact-render-to-string';
import {
  Account,
  CheckMail,
  Failure,
  ForgotPassword,
  ResetPassword,
  SignIn,
  SignUp,
  VerifyEmail,
} from './account.tsx';
import { CartView } from './cart.tsx';
import { Home, Listing, ProductView } from './catalogue.tsx';
import { Checkout, CheckoutUnsure } from './checkout.tsx';
import { OrderState, OrdersView, OrderView } from './orders.tsx';
import type { Pages } from './props.ts';

const page =
  <Props extends object>(View: ComponentType<Props>) =>
  (props: Props): string =>
    `<!doctype html>${renderToString(h(View, props))}`;

export const pages: Pages = {
  home: page(Home),
  listing: page(Listing),
  product: page(ProductView),
  cart: page(CartView),
  signIn: page(SignIn),
  signUp: page(SignUp),
  forgotPassword: page(ForgotPassword),
  verifyEmail: page(VerifyEmail),
  resetPassword: page(ResetPassword),
  checkMail: page(CheckMail),
  account: page(Account),
  checkout: page(Checkout),
  checkoutUnsure: page(CheckoutUnsure),
  order: page(OrderView),
  orderState: (props) => renderToString(h(OrderState, props)),
  orders: page(OrdersView),
  failure: page(Failure),
};
