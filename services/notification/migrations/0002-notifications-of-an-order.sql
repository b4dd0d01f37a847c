-- What customers were told of an order, so that nothing else is told of it.
CREATE INDEX notification_of_order ON notification ((facts->>'orderId')) WHERE facts ? 'orderId';
