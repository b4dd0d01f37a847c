// The way of a photo: asked for by a seller, made into renditions by the function, known to the shop. The function runs in AWS Lambda,
// which is not scraped: what it did is seen where its events arrive.

import { productService } from '#contracts/shop-processes.ts';
import { productImagesProcessed, productImagesRejected } from '#contracts/topics.ts';
import { ANALYTICS, grown, orZero, type Query } from './query.ts';

const ofProduct = { processes: [productService.name] };

export const images = {
  uploads: {
    title: 'Uploads asked for',
    promql: orZero(
      'sum by (process) (rate(http_request_duration_seconds_count{$scope, method="POST", route="/products/:productId/uploads", status=~"2.."}[$window]))',
    ),
    unit: 'cps',
    about:
      'Presigned addresses that sellers asked for, each second. Whether a photo followed is seen by its renditions.',
    legend: 'uploads',
    source: ofProduct,
  },
  renditions: {
    title: 'Renditions counted',
    promql: 'sum by (process, size_label) (rate(analytics_events_total{$scope}[$window]))',
    unit: 'cps',
    about: 'Renditions each second that the function made and analytics counted, by size.',
    legend: '{{size_label}}',
    source: { processes: ANALYTICS },
  },
  known: {
    title: 'Renditions that the shop knows',
    promql: `sum by (process) (rate(kafka_consumer_records_total{$scope, topic="${productImagesProcessed.name}", outcome="handled"}[$window]))`,
    unit: 'cps',
    about:
      'Renditions each second that the product service took into its galleries: as many as were counted.',
    legend: 'known',
    source: ofProduct,
  },
  deadLetters: {
    title: 'Dead letters of renditions',
    promql: orZero(
      `sum by (process) ${grown(`kafka_consumer_dead_letters_total{$scope, topic="${productImagesProcessed.name}"}`)}`,
    ),
    unit: 'short',
    about:
      'Events about renditions that the product service could not read. Those of analytics are on its own board.',
    legend: 'dead letters',
    source: ofProduct,
  },
  rejected: {
    title: 'Uploads rejected',
    promql: `sum by (topic) (kafka_server_BrokerTopicMetrics_OneMinuteRate{name="MessagesInPerSec", topic="${productImagesRejected.name}"})`,
    unit: 'cps',
    about:
      'Files each second that the function refused and set aside: no picture, too large, or hostile. By the brokers’ count of the events that tell of them.',
    legend: '{{topic}}',
    source: { exporters: ['msk-jmx'] },
  },
} as const satisfies Readonly<Record<string, Query>>;
