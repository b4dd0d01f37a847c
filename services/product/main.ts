// The product service: wiring only.
import { join } from 'node:path';
import { productService } from '#contracts/shop-processes.ts';
import { runService } from '#runtime/service.ts';
import { createCatalogue } from './catalogue.ts';
import { productConfig } from './config.ts';
import { productConsumers } from './consumers.ts';
import { productRoutes } from './http.ts';
import { createProductMetrics } from './metrics.ts';
import { createGallery } from './photos/gallery.ts';
import { createUploadLog } from './photos/upload-log.ts';
import { createPhotoUploads } from './photos/uploads.ts';
import { createReservations } from './stock/reservations.ts';
import { createWarehouse } from './stock/warehouse.ts';
import { createProductStore } from './store.ts';

runService({
  process: productService,
  config: productConfig,
  migrations: join(import.meta.dirname, 'migrations'),
  build({ config, pool, registry }) {
    createProductMetrics(registry, pool);
    const uploadLog = createUploadLog(pool);
    return {
      routes: productRoutes({
        catalogue: createCatalogue(pool),
        products: createProductStore(pool),
        warehouse: createWarehouse(pool),
        uploads: createPhotoUploads(config),
        uploadLog,
        imagesBaseUrl: config.IMAGES_BASE_URL,
      }),
      consumers: productConsumers(createReservations(pool), createGallery(pool), uploadLog),
    };
  },
});
