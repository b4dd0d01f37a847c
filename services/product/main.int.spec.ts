// The process itself: from an order on the topic to the answer on another one.
import { expect, it } from '@jest/globals';
import { orderCancelled, orderPlaced, stockReserved } from '#contracts/shop-topics.ts';
import { eventually } from '../../test/eventually.ts';
import { serviceStage } from '../../test/service-process.ts';
import { cancelledData, openProduct, placedData } from './test-product.ts';

const stage = serviceStage('product');

it('answers an order once although it comes twice, gives its pieces back, and stops at SIGTERM', async () => {
  const shop = await openProduct({ url: stage.database().url });
  await shop.stock('cup', 5);
  const stockWhen = (reserved: number) =>
    eventually(async () => {
      const stock = await shop.warehouse.stock('cup');
      return stock?.reserved === reserved ? stock : undefined;
    });
  const service = await stage.start({
    IMAGES_BASE_URL: 'https://images.example',
    PRODUCT_IMAGES_BUCKET: 'photos',
  });
  await stage.sendTwice(orderPlaced, 'o-1', placedData('o-1', { cup: 2 }));
  expect(await stockWhen(2)).toEqual({ onHand: 5, reserved: 2 });

  const answers = await stage.recordsOn(stockReserved);
  expect(answers.map(({ key, value }) => [String(key), String(value)])).toEqual([
    ['o-1', '{"orderId":"o-1"}'],
  ]);

  await stage.sendTwice(orderCancelled, 'o-1', cancelledData('o-1'));
  expect(await stockWhen(0)).toEqual({ onHand: 5, reserved: 0 });
  await shop.close();

  service.child.kill('SIGTERM');
  expect(await service.ended).toBe(0);
}, 60_000);
