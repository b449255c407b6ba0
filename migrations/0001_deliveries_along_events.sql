-- Deliveries are listed by way of the events that they deliver, so an index of their own would be a row for nothing.
DROP INDEX `deliveries_newest`;
