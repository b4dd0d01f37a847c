// All endpoints of the product service.
import type { Route } from '#runtime/http/api.ts';
import type { Catalogue, Products } from './domain.ts';
import { createEditingRoutes } from './editing.ts';
import { createRoutes } from './http.ts';
import type { PhotoUploads } from './photo-uploads.ts';
import type { Warehouse } from './plan.ts';
import { createStockRoutes } from './stocktaking.ts';
import { createUploadRoute } from './uploading.ts';

export interface RouteParts {
  readonly catalogue: Catalogue;
  readonly products: Products;
  readonly warehouse: Warehouse;
  readonly uploads: PhotoUploads;
  readonly imagesBaseUrl: string;
}

/** For customers, editors and stock keepers, in this order. */
export const createProductRoutes = (parts: RouteParts): Route[] => [
  ...createRoutes(parts.catalogue, parts.imagesBaseUrl),
  ...createEditingRoutes(parts),
  createUploadRoute(parts.catalogue, parts.uploads),
  ...createStockRoutes(parts.warehouse),
];
