import { describe, expect, it } from '@jest/globals';
import { imageFault, imageParts } from './rules/images.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const tag = '0123456789abcdef';
const lock = new Map([
  ['kafka', { repository: 'docker.io/apache/kafka', tag: '4.1.2', digest }],
  ['grafana', { repository: 'docker.io/grafana/grafana', tag: '12.0.0' }],
  ['cart', { tag, pushed: { tag: 'fedcba9876543210', digest } }],
  ['order', { tag: '0000000000000000' }],
]);

describe('an image', () => {
  it('comes apart into repository, tag and digest, a port of the registry left where it is', () => {
    expect(imageParts(`registry:5000/a/b:1.2@${digest}`)).toEqual({
      repository: 'registry:5000/a/b',
      tag: '1.2',
      digest,
    });
    expect(imageParts('registry:5000/a/b')).toEqual({ repository: 'registry:5000/a/b', digest: undefined });
  });

  it.each([
    `docker.io/apache/kafka:4.1.2@${digest}`,
    'docker.io/grafana/grafana:12.0.0',
    `shop.local/cart:${tag}`,
    `123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop-dev/cart:fedcba9876543210@${digest}`,
  ])('is as the lock has it: %s', (image) => {
    expect(imageFault(image, lock)).toBeUndefined();
  });

  it.each([
    ['docker.io/apache/kafka:latest', 'may be another one tomorrow'],
    ['docker.io/apache/kafka', 'may be another one tomorrow'],
    ['docker.io/apache/kafka:4.1.2', 'the lock has sha256:'],
    ['docker.io/apache/kafka@sha256:abc', 'is no digest'],
    ['docker.io/grafana/grafana:11.0.0', 'the lock has 12.0.0'],
    ['docker.io/busybox:1.36', 'is not in the lock'],
    ['shop.local/cart:v1', 'tells no content'],
    ['shop.local/cart:1111111111111111', 'the lock has'],
    ['shop.local/order:0000000000000000', 'nothing was built yet'],
    ['shop.local/constructor:1', 'is not in the lock'],
  ])('negative control: %s: %s', (image, text) => {
    expect(imageFault(image, lock)).toContain(text);
  });
});
