-- Payments are listed by way of their first events, so an index of their own would be a row for nothing.
DROP INDEX `payments_newest`;
