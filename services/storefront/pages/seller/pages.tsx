// The seller's pages by name.
import { page, part } from '../render.tsx';
import { SellerCategories } from './categories.tsx';
import { PhotoState, Photos } from './photos.tsx';
import { EditProduct, NewProduct } from './product.tsx';
import { SellerProducts } from './products.tsx';
import type { SellerPages } from './props.ts';
import { StockView } from './stock.tsx';

export const sellerPages: SellerPages = {
  sellerProducts: page(SellerProducts),
  newProduct: page(NewProduct),
  editProduct: page(EditProduct),
  stock: page(StockView),
  photos: page(Photos),
  photoState: part(PhotoState),
  sellerCategories: page(SellerCategories),
};
