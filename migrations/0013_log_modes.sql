-- The admin log says of which mode an entry is, so that administrators of one mode read no other; null is both, and what was there before.
ALTER TABLE `admin_log` ADD `livemode` integer;
