// All endpoints of the product service.
import type { Route } from '#runtime/http/api.ts';
import { catalogueRoutes } from './catalogue-routes.ts';
import type { Catalogue, ProductStore } from './domain.ts';
import { editingRoutes } from './editing-routes.ts';
import type { PhotoUploads, UploadLog } from './photos/domain.ts';
import { uploadRoutes } from './photos/http.ts';
import type { Warehouse } from './stock/domain.ts';
import { stockRoutes } from './stock/http.ts';

export interface RouteParts {
  readonly catalogue: Catalogue;
  readonly products: ProductStore;
  readonly warehouse: Warehouse;
  readonly uploads: PhotoUploads;
  readonly uploadLog: UploadLog;
  readonly imagesBaseUrl: string;
}

/** For customers, editors and stock keepers, in this order. */
export const productRoutes = (parts: RouteParts): Route[] => [
  ...catalogueRoutes(parts.catalogue, parts.imagesBaseUrl),
  ...editingRoutes(parts),
  ...uploadRoutes(parts),
  ...stockRoutes(parts.warehouse),
];
