// The seller's pages: products, stock, photos, categories.
import type { FastifyInstance } from 'fastify';
import type { Site } from '../../site.ts';
import { useSellerCategories } from './categories.ts';
import { useSellerPhotos } from './photos.ts';
import { useSellerProducts } from './products.ts';
import { useSellerStock } from './stock.ts';

export function useSeller(app: FastifyInstance, site: Site): void {
  useSellerProducts(app, site);
  useSellerStock(app, site);
  useSellerPhotos(app, site);
  useSellerCategories(app, site);
}
