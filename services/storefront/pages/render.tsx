// Components to HTML.
import type { ComponentType } from 'preact';
import { h } from 'preact';
import { renderToString } from 'preact-render-to-string';

/** A function that draws a part of a page. */
export const part =
  <Props extends object>(View: ComponentType<Props>) =>
  (props: Props): string =>
    renderToString(h(View, props));

/** A function that draws a whole page. */
export const page =
  <Props extends object>(View: ComponentType<Props>) =>
  (props: Props): string =>
    `<!doctype html>${renderToString(h(View, props))}`;
