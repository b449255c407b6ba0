-- A destination can be changed, rotated, broken and replayed: what that takes is kept beside it.
CREATE TABLE `replays` (
	`id` text PRIMARY KEY NOT NULL,
	`merchant_id` text NOT NULL,
	`livemode` integer NOT NULL,
	`destination_id` text NOT NULL,
	`since` integer NOT NULL,
	`until` integer NOT NULL,
	`event_types` text NOT NULL,
	`only` text NOT NULL,
	`cursor_at` integer NOT NULL,
	`cursor_id` text NOT NULL,
	`events` integer NOT NULL,
	`deliveries` integer NOT NULL,
	`created_at` integer NOT NULL,
	`finished_at` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `replays_by_destination` ON `replays` (`destination_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `replays_unfinished` ON `replays` (`created_at`) WHERE finished_at is null;--> statement-breakpoint
ALTER TABLE `destinations` ADD `older_secret_until` integer;--> statement-breakpoint
ALTER TABLE `destinations` ADD `headers` text;--> statement-breakpoint
ALTER TABLE `destinations` ADD `failures` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `destinations` ADD `failing_since` integer;--> statement-breakpoint
ALTER TABLE `destinations` ADD `due_at` integer;--> statement-breakpoint
ALTER TABLE `destinations` ADD `last_test` text;--> statement-breakpoint
CREATE INDEX `destinations_due` ON `destinations` (`due_at`) WHERE due_at is not null;--> statement-breakpoint
CREATE INDEX `deliveries_held` ON `deliveries` (`destination_id`,`created_at`,`id`) WHERE status = 'held';