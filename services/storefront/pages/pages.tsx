// All pages, each a function from what it shows to HTML. The server imports what `build.ts` makes of this file.
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
import type { AllPages } from './all-pages.ts';
import { CartView } from './cart.tsx';
import { Home, Listing, ProductView } from './catalogue.tsx';
import { Checkout, CheckoutUnsure } from './checkout.tsx';
import { OrderState, OrdersView, OrderView } from './orders.tsx';
import { platformPages } from './platform/pages.tsx';
import { page, part } from './render.tsx';
import { sellerPages } from './seller/pages.tsx';

export const pages: AllPages = {
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
  orderState: part(OrderState),
  orders: page(OrdersView),
  failure: page(Failure),
  ...platformPages,
  ...sellerPages,
};
