-- Records that are made again from their objects: how far that is.
CREATE TABLE `rebuilds` (
	`id` text PRIMARY KEY NOT NULL,
	`merchant_id` text,
	`streams` text,
	`cursor_merchant` text NOT NULL,
	`cursor_stream` text NOT NULL,
	`asked` integer NOT NULL,
	`rows` integer NOT NULL,
	`failed` integer NOT NULL,
	`failures` text NOT NULL,
	`created_at` integer NOT NULL,
	`moved_at` integer NOT NULL,
	`finished_at` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `rebuilds_unfinished` ON `rebuilds` (`moved_at`) WHERE finished_at is null;