-- The records: what lists, searches, logs-in and deliveries read. Made by drizzle-kit from src/store/schema.ts.
-- WITHOUT ROWID is added by hand, because every table is found by a text key: with a rowid each row would cost two
-- written rows (the table's and its key's), and written rows are most of what a payment costs.
CREATE TABLE `connections` (
	`id` text PRIMARY KEY NOT NULL,
	`merchant_id` text NOT NULL,
	`provider` text NOT NULL,
	`livemode` integer NOT NULL,
	`credentials` text NOT NULL,
	`settings` text NOT NULL,
	`disabled_at` integer,
	`created_at` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `connections_by_merchant` ON `connections` (`merchant_id`,`id`);--> statement-breakpoint
CREATE TABLE `deliveries` (
	`id` text PRIMARY KEY NOT NULL,
	`merchant_id` text NOT NULL,
	`livemode` integer NOT NULL,
	`stream` text NOT NULL,
	`seq` integer NOT NULL,
	`event_id` text NOT NULL,
	`event_type` text NOT NULL,
	`destination_id` text NOT NULL,
	`status` text NOT NULL,
	`attempt_count` integer NOT NULL,
	`due_at` integer,
	`lease_until` integer,
	`next_trigger` text NOT NULL,
	`attempts` text NOT NULL,
	`created_at` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `deliveries_newest` ON `deliveries` (`merchant_id`,`livemode`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `deliveries_due` ON `deliveries` (`due_at`) WHERE due_at is not null;--> statement-breakpoint
CREATE INDEX `deliveries_troubled` ON `deliveries` (`merchant_id`,`livemode`,`created_at`,`id`) WHERE status in ('failed', 'held');--> statement-breakpoint
CREATE TABLE `destinations` (
	`id` text PRIMARY KEY NOT NULL,
	`merchant_id` text NOT NULL,
	`livemode` integer NOT NULL,
	`kind` text NOT NULL,
	`url` text NOT NULL,
	`event_types` text NOT NULL,
	`description` text,
	`ordered` integer NOT NULL,
	`max_per_second` integer,
	`timeout_ms` integer,
	`secrets` text NOT NULL,
	`status` text NOT NULL,
	`paused_because` text,
	`created_at` integer NOT NULL,
	`deleted_at` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `destinations_by_merchant` ON `destinations` (`merchant_id`,`livemode`,`id`);--> statement-breakpoint
CREATE TABLE `exceptions` (
	`id` text PRIMARY KEY NOT NULL,
	`merchant_id` text NOT NULL,
	`livemode` integer NOT NULL,
	`stream` text NOT NULL,
	`kind` text NOT NULL,
	`status` text NOT NULL,
	`session_id` text,
	`delivery_id` text,
	`destination_id` text,
	`detail` text NOT NULL,
	`raised_at` integer NOT NULL,
	`resolved_at` integer,
	`resolution` text,
	`note` text,
	`resolved_by` text,
	`version` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `exceptions_newest` ON `exceptions` (`merchant_id`,`livemode`,`status`,`raised_at`,`id`);--> statement-breakpoint
CREATE TABLE `journal` (
	`stream` text NOT NULL,
	`seq` integer NOT NULL,
	`merchant_id` text NOT NULL,
	`livemode` integer NOT NULL,
	`at` integer NOT NULL,
	`type` text NOT NULL,
	`actor` text NOT NULL,
	`data` text NOT NULL,
	`prev_hash` text NOT NULL,
	`hash` text NOT NULL,
	`event_id` text,
	`event_type` text,
	`event_sequence` integer,
	`event_body` text,
	PRIMARY KEY(`stream`, `seq`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `journal_events` ON `journal` (`merchant_id`,`livemode`,`at`,`event_id`) WHERE event_id is not null;--> statement-breakpoint
CREATE TABLE `keys` (
	`hash` text PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`merchant_id` text NOT NULL,
	`kind` text NOT NULL,
	`livemode` integer NOT NULL,
	`name` text,
	`role` text,
	`expires_at` integer,
	`created_at` integer NOT NULL,
	`revoked_at` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `keys_by_merchant` ON `keys` (`merchant_id`,`id`);--> statement-breakpoint
CREATE TABLE `merchants` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`currencies` text NOT NULL,
	`allowed_origins` text NOT NULL,
	`allowed_return_addresses` text NOT NULL,
	`quote_url` text,
	`default_connection_test` text,
	`default_connection_live` text,
	`order_signing_secrets` text NOT NULL,
	`created_at` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `payments` (
	`id` text PRIMARY KEY NOT NULL,
	`merchant_id` text NOT NULL,
	`livemode` integer NOT NULL,
	`order_id` text NOT NULL,
	`status` text NOT NULL,
	`amount` integer NOT NULL,
	`currency` text NOT NULL,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	`overdue_at` integer,
	`body` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `payments_newest` ON `payments` (`merchant_id`,`livemode`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `payments_overdue` ON `payments` (`overdue_at`) WHERE overdue_at is not null;--> statement-breakpoint
CREATE TABLE `provider_references` (
	`connection_id` text NOT NULL,
	`reference` text NOT NULL,
	`session_id` text NOT NULL,
	PRIMARY KEY(`connection_id`, `reference`)
) WITHOUT ROWID;
