-- The trace of what led to an entry, read with the event's bytes when a try is made; in the row that is written anyway.
ALTER TABLE `journal` ADD `trace` text;
