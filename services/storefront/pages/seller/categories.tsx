// The categories: each can be renamed, and one can be added.
import { Empty, Field, FormFault } from '../parts.tsx';
import { SellerPage } from './parts.tsx';
import type { CategoriesProps } from './props.ts';

const NO_FAULTS = {};

export const SellerCategories = (props: CategoriesProps) => (
  <SellerPage title="Categories" frame={props.frame}>
    <h1>Categories</h1>
    {props.faults.form && <FormFault faults={props.faults} />}
    <div class="seller-columns">
      <section aria-labelledby="present">
        <h2 id="present">In the shop</h2>
        {props.categories.length === 0 ? (
          <Empty title="No category yet">
            <p>A product needs one.</p>
          </Empty>
        ) : (
          <ul class="ledger" role="list">
            {props.categories.map((category) => (
              <Category key={category.categoryId} category={category} {...props} />
            ))}
          </ul>
        )}
      </section>
      <section aria-labelledby="new">
        <h2 id="new">Add a category</h2>
        <NewCategory {...props} />
      </section>
    </div>
  </SellerPage>
);

interface CategoryProps extends CategoriesProps {
  readonly category: CategoriesProps['categories'][number];
}

const Category = ({ category: { categoryId, name }, renamed, fields, faults }: CategoryProps) => {
  const isRefused = renamed === categoryId;
  const fault = isRefused ? faults.name : undefined;
  const id = `name-${categoryId}`;
  return (
    <li>
      <form method="post" action={`/seller/categories/${categoryId}`} class="rename">
        <div class="field">
          <label for={id}>
            <span class="visually-hidden">Name of </span>
            <span class="code">{categoryId}</span>
          </label>
          <input
            id={id}
            name="name"
            value={isRefused ? fields.name : name}
            maxLength={200}
            required
            aria-invalid={fault ? 'true' : undefined}
            aria-describedby={fault ? `${id}-fault` : undefined}
          />
          {fault && (
            <p class="fault" id={`${id}-fault`}>
              {fault}
            </p>
          )}
        </div>
        <button class="button quiet">
          Rename<span class="visually-hidden"> {categoryId}</span>
        </button>
      </form>
    </li>
  );
};

const NewCategory = ({ fields, faults, renamed }: CategoriesProps) => {
  const own =
    renamed === undefined ? { fields, faults } : { fields: { name: '', categoryId: '' }, faults: NO_FAULTS };
  return (
    <form method="post" action="/seller/categories" class="stack">
      <Field name="name" label="Name" value={own.fields.name} lengthMax={200} faults={own.faults} />
      <Field
        name="categoryId"
        label="Its word in addresses"
        value={own.fields.categoryId}
        lengthMax={64}
        hint="Small letters, digits and dashes. Made of the name when you leave it out."
        isOptional
        faults={own.faults}
      />
      <p>
        <button class="button">Add it</button>
      </p>
    </form>
  );
};
