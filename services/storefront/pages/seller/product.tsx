// The form of a new product, and that of an existing one, with the other changes when another seller was faster.
import { CURRENCY_DIGITS } from '#contracts/money.ts';
import type { Category } from '../../bff/answers.ts';
import type { ConflictLine, ProductFields } from '../../bff/product-form.ts';
import { Field, FormFault } from '../parts.tsx';
import type { Faults } from '../props.ts';
import { DESCRIPTION_CHARS_MAX, NAME_CHARS_MAX } from './limits.ts';
import { ProductPage, Select, SellerPage, TextArea } from './parts.tsx';
import type { EditProductProps, NewProductProps } from './props.ts';

const CURRENCIES = [...CURRENCY_DIGITS.keys()].map((code) => [code, code] as const);

export const NewProduct = ({ frame, fields, isActive, categories, faults, formKey }: NewProductProps) => (
  <SellerPage title="Add a product" frame={frame}>
    <h1>Add a product</h1>
    <FormFault faults={faults} />
    <form method="post" action="/seller/products" class="stack seller-form">
      <input type="hidden" name="key" value={formKey} />
      <Facts fields={fields} categories={categories} faults={faults} />
      <label class="check">
        <input type="checkbox" name="isActive" value="yes" checked={isActive} />
        <span>
          Put it in the shop at once
          <span class="hint">
            It shows as sold out until you add stock. Otherwise it waits under “Taken off”.
          </span>
        </span>
      </label>
      <p>
        <button class="button">Add it</button>
      </p>
    </form>
  </SellerPage>
);

export const EditProduct = (props: EditProductProps) => {
  const { frame, product, fields, basis, categories, faults, conflict } = props;
  return (
    <ProductPage frame={frame} product={product} tab="">
      <FormFault faults={faults} />
      {conflict && <ConflictNotice lines={conflict} />}
      <form method="post" action={`/seller/products/${product.productId}`} class="stack seller-form">
        <input type="hidden" name="version" value={basis.version} />
        <input type="hidden" name="seen" value={basis.seen} />
        <Facts fields={fields} categories={categories} faults={faults} />
        <p>
          <button class="button">{conflict ? 'Save mine over that' : 'Save'}</button>
          {conflict && (
            <a class="button quiet" href={`/seller/products/${product.productId}`}>
              Leave it as it is
            </a>
          )}
        </p>
      </form>
      <section class="seller-danger" aria-labelledby="shelf">
        <h2 id="shelf">{product.isActive ? 'Take it off the shop' : 'Put it back into the shop'}</h2>
        <p class="muted">
          {product.isActive
            ? 'Nobody can find or order it any more. Orders that have it keep it, and you can put it back.'
            : 'Customers can find it again, with the stock that it has.'}
        </p>
        <form method="post" action={`/seller/products/${product.productId}/shelf`}>
          <input type="hidden" name="version" value={String(product.version)} />
          <input type="hidden" name="shelf" value={product.isActive ? 'off' : 'on'} />
          <button class="button quiet">{product.isActive ? 'Take it off' : 'Put it back'}</button>
        </form>
      </section>
    </ProductPage>
  );
};

interface FactsProps {
  readonly fields: ProductFields;
  readonly categories: readonly Category[];
  readonly faults: Faults;
}

const Facts = ({ fields, categories, faults }: FactsProps) => (
  <>
    <Field name="name" label="Name" value={fields.name} lengthMax={NAME_CHARS_MAX} faults={faults} />
    <TextArea
      name="description"
      label="Description"
      value={fields.description}
      lengthMax={DESCRIPTION_CHARS_MAX}
      faults={faults}
    />
    <Select
      name="categoryId"
      label="Category"
      value={fields.categoryId}
      options={categories.map(({ categoryId, name }) => [categoryId, name] as const)}
      empty="Choose one"
      faults={faults}
    />
    <div class="seller-price">
      <Field
        name="price"
        label="Price"
        kind={{ type: 'text', inputmode: 'decimal' }}
        value={fields.price}
        lengthMax={40}
        hint="Such as 49.00"
        faults={faults}
      />
      <Select name="currency" label="Currency" value={fields.currency} options={CURRENCIES} faults={faults} />
    </div>
  </>
);

/** Read out at once: the form below is no longer the product that its writer knew. */
const ConflictNotice = ({ lines }: { lines: readonly ConflictLine[] }) => (
  <section class="alert conflict" role="alert" aria-labelledby="conflict">
    <h2 id="conflict">Somebody else has changed it meanwhile</h2>
    <p>Nothing of yours is saved yet. This is different from what you saw:</p>
    <dl class="pairs">
      {lines.map(({ label, now, yours }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            <p class="description">
              <strong>Now:</strong> {now}
            </p>
            {yours !== undefined && (
              <p class="description">
                <strong>Yours:</strong> {yours}
              </p>
            )}
          </dd>
        </div>
      ))}
    </dl>
    <p>The form has your own changes over that. What you have not touched stays as it is now.</p>
  </section>
);
