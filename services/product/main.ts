// The product service: wiring only.
import { join } from 'node:path';
import { productService } from '#contracts/shop-processes.ts';
import { runService } from '#runtime/service.ts';
import { createCatalogue } from './catalogue.ts';
import { productConfig } from './config.ts';
import { createConsumers } from './consumers.ts';
import { createGallery } from './gallery.ts';
import { createPhotoUploads } from './photo-uploads.ts';
import { watchReservationAge } from './reservation-age.ts';
import { createReservations } from './reservations.ts';
import { createProductRoutes } from './routes.ts';
import { createProducts } from './store.ts';
import { createWarehouse } from './warehouse.ts';

runService({
  process: productService,
  config: productConfig,
  migrations: join(import.meta.dirname, 'migrations'),
  build({ config, pool, registry, schema }) {
    watchReservationAge(pool, registry);
    return {
      routes: createProductRoutes({
        catalogue: createCatalogue(pool),
        products: createProducts(pool, schema),
        warehouse: createWarehouse(pool),
        uploads: createPhotoUploads(config),
        imagesBaseUrl: config.IMAGES_BASE_URL,
      }),
      consumers: createConsumers(createReservations(pool, schema), createGallery(pool, schema)),
    };
  },
});
